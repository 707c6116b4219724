"""One account of a support team: its server in memory, its store, and passes at any time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from triage.pipeline import PassReport, run_pass
from triage.pipeline.ports import AccountSettings
from triage.store import Store
from triage.store.drafts import DraftRecord
from triage.store.mail import MessageRecord
from unit.pipeline.postbox import NOW, Postbox

OURS = "support@ours.example"


@dataclass(slots=True, kw_only=True)
class Office:
    """One account: `run(at)` makes a pass `at` after NOW."""

    postbox: Postbox
    store: Store
    settings: AccountSettings

    def run(
        self, at: timedelta = timedelta(), *, seconds: Callable[[], float] = lambda: 240.0, **more: Any
    ) -> PassReport:
        return run_pass(self.postbox, self.store, self.settings, now=NOW + at, seconds_left=seconds, **more)

    def write(
        self, name: str, text: str = "Which filter fits the model 300, please?", *, sender: str = ""
    ) -> int:
        """A mail into the inbox, received at NOW; its uid."""
        return self.postbox.boxes["INBOX"].put(letter(name, text, sender=sender))

    def message(self, uid: int) -> MessageRecord:
        (found,) = [m for m in self.store.mail.records() if m.ref.uid == uid]
        return found

    def drafts(self) -> list[DraftRecord]:
        return self.store.drafts.listing(everything=True)[::-1]

    @property
    def on_server(self) -> int:
        return len(self.postbox.boxes["Drafts"].mails)


def letter(name: str, text: str, *, sender: str = "", to: str = OURS, answers: str = "") -> bytes:
    """The mail <name@customer.example>, which may answer another one."""
    lines = [
        f"From: {sender or f'{name}@customer.example'}",
        f"To: {to}",
        f"Subject: {name}",
        f"Message-ID: <{name}@customer.example>",
        f"Date: {NOW:%a, %d %b %Y %H:%M:%S} +0000",
    ]
    if answers:
        lines.append(f"In-Reply-To: <{answers}@customer.example>")
    return "\r\n".join([*lines, "", text, ""]).encode()
