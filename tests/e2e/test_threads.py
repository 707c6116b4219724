"""A real mail program shows each draft inside the thread of the mail that it answers."""

from __future__ import annotations

import os
import pty
import select
import shutil
import time
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from e2e.mails import QUESTION, mail
from e2e.team import Team

pytestmark = pytest.mark.dovecot


@pytest.fixture
def neomutt() -> str:
    found = shutil.which("neomutt")
    if found is None:
        why = "not installed: neomutt (apt-get install neomutt)"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    return found


def test_neomutt_shows_each_draft_in_the_thread_of_its_mail_and_in_no_other(
    team: Team, tmp_path: Path, neomutt: str
) -> None:
    subjects = ("Lamp", "Re: Lamp", "AW: Größe", "Lamp", "x" * 300)
    asked = [
        mail(QUESTION, sender=f"c{n}@customer.example", subject=subject, id=f"asked-{n}@customer.example")
        for n, subject in enumerate(subjects)
    ]
    # Deep in a thread of which we have not seen the beginning:
    asked[1] = asked[1].replace(b"\r\n\r\n", b"\r\nReferences: <a@b.example> <c@d.example>\r\n\r\n", 1)
    team.desk.deliver(*asked)
    assert team.run()["appended"] == len(asked)

    maildir = tmp_path / "all"
    for name in ("cur", "new", "tmp"):
        (maildir / name).mkdir(parents=True)
    for n, content in enumerate(team.desk.mails("INBOX") + team.desk.mails("Drafts")):
        (maildir / "cur" / f"{n}:2,").write_bytes(content)

    for n in range(len(asked)):
        thread = _thread(neomutt, maildir, f"asked-{n}@customer.example", tmp_path / f"thread-{n}")
        assert len(thread) == 2
        parent, draft = (message_from_bytes(content, policy=default) for content in thread)
        assert parent["Message-ID"] == draft["In-Reply-To"] == f"<asked-{n}@customer.example>"
        assert draft["X-Triage-Marker"]


def _thread(neomutt: str, maildir: Path, id: str, output: Path) -> list[bytes]:
    """The mails of the thread that neomutt shows for a Message-ID, from its root on."""
    commands = output.with_suffix(".rc")
    script = output.with_suffix(".sh")  # each mail of the thread, whole, to the output
    script.write_text(f"#!/bin/sh\n{{ cat; printf '\\n%%\\n'; }} >> {output}\n".replace("%%", "%%%%"))
    script.chmod(0o700)
    commands.write_text(
        f"set folder={maildir}\n"  # else it asks whether to make ~/Mail
        "set sort=threads\nset strict_threads=yes\nset wait_key=no\nset auto_tag=no\n"
        "set pipe_split=yes\nset pipe_decode=no\n"
        f'push "<tag-pattern>~(~i {id})<enter><tag-prefix><pipe-message>{script}<enter><exit>"\n'
    )
    process, terminal = pty.fork()
    if process == 0:
        environment = {
            "TERM": "xterm",
            "HOME": str(output.parent),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
        }
        os.execve(neomutt, [neomutt, "-n", "-F", str(commands), "-R", "-f", str(maildir)], environment)
    try:
        _drain(terminal, until=time.monotonic() + 20)
    finally:
        os.close(terminal)
        os.waitpid(process, 0)
    return [content for content in output.read_bytes().split(b"\n%%\n") if content.strip()]


def _drain(terminal: int, *, until: float) -> None:
    """Reads the screen until the program has ended (then reading fails)."""
    while time.monotonic() < until:
        if select.select([terminal], [], [], 0.5)[0]:
            try:
                if not os.read(terminal, 65_536):
                    return
            except OSError:
                return
