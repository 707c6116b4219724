"""A team whose clock the test sets: `triage` runs inside the test, against the real Dovecot."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import Message
from email.policy import default
from email.utils import format_datetime
from pathlib import Path

import pytest

from e2e.mails import mail
from e2e.team import Finished, Team
from servers.dovecot import Desk
from triage import bootstrap
from triage.__main__ import main
from triage.bootstrap import passes


class Clockwork(Team):
    """`now` is what `triage` takes for the time; mail comes and is sent at it, too."""

    def __init__(self, desk: Desk, home: Path, patch: pytest.MonkeyPatch, now: datetime) -> None:
        super().__init__(desk, home)
        self.now = now
        for module in (bootstrap, passes):
            patch.setattr(module, "now", lambda: self.now)
        patch.setattr(os, "environ", os.environ.copy())
        patch.chdir(home)

    def triage(self, *words: str, env: Mapping[str, str] | None = None) -> Finished:
        os.environ.clear()
        os.environ.update(self.environment | dict(env or {}) | {"COLUMNS": "100"})
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main(list(words))
        return Finished(command=" ".join(words), exit=code, stdout=out.getvalue(), stderr=err.getvalue())

    def passes(self, **length: float) -> None:
        """Time goes by."""
        self.now += timedelta(**length)

    def comes(
        self, text: str, sender: str, *, subject: str = "A question", id: str, answers: str = ""
    ) -> None:
        """A customer's mail comes now."""
        date = {"Date": format_datetime(self.now)}
        self.desk.deliver(
            mail(text, sender=sender, subject=subject, id=id, answers=answers, headers=date), when=self.now
        )

    def sends(self, draft: Message, *, text: str | None = None) -> None:
        """Somebody sends a draft that lies on the server, as it is or with other words."""
        with self.desk.client() as client:
            client.select_folder("Drafts")
            (uid,) = client.search(["HEADER", "Message-ID", draft["Message-ID"]])
            content = client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
            if text is not None:
                edited = message_from_bytes(content, policy=default)
                edited.set_content(text)
                content = edited.as_bytes()
            client.append("Sent", content, flags=["\\Seen"], msg_time=self.now)
            client.delete_messages([uid])
            client.expunge()

    def discards(self, draft: Message) -> None:
        """Somebody deletes a draft."""
        with self.desk.client() as client:
            client.select_folder("Drafts")
            (uid,) = client.search(["HEADER", "Message-ID", draft["Message-ID"]])
            client.delete_messages([uid])
            client.expunge()

    def answers(self, text: str, to: str, *, answers: str) -> None:
        """A person writes an answer and sends it."""
        lines = [
            "From: Support <support@ours.example>",
            f"To: {to}",
            "Subject: Re: your mail",
            f"Date: {format_datetime(self.now)}",
            f"Message-ID: <{self.now.timestamp()}.{abs(hash(to))}@ours.example>",
            f"In-Reply-To: <{answers}>",
            f"References: <{answers}>",
            "",
            *text.splitlines(),
            "",
        ]
        self.desk.append("Sent", "\r\n".join(lines).encode(), flags=["\\Seen"], when=self.now)
