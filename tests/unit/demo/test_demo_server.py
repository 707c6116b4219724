from __future__ import annotations

import imaplib
import os
import signal
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from triage.bootstrap import passes
from triage.demo import play
from triage.demo.server import HOST, StoredMail, serve

NAME = "help@shop.example"
MAIL = StoredMail(
    content=b"From: a@b.example\r\nSubject: \xc3\xa9\r\n\r\nhello\r\n",
    internal_date=datetime(2026, 3, 4, 15, 0, tzinfo=UTC),
    flags=frozenset({"\\Answered"}),
)


def test_the_server_gives_each_mail_with_its_bytes_date_and_flags() -> None:
    with serve({NAME: {"INBOX": [MAIL], "Drafts": []}}, password="secret") as port:
        client = imaplib.IMAP4(HOST, port)
        client.login(NAME, "secret")
        _, listed = client.list()
        client.select("INBOX", readonly=True)
        _, fetched = client.fetch("1", "(FLAGS INTERNALDATE BODY.PEEK[])")
        client.logout()

    assert sorted(line.split()[-1] for line in listed if isinstance(line, bytes)) == [b"Drafts", b"INBOX"]
    attributes, content = fetched[0] if isinstance(fetched[0], tuple) else (b"", b"")
    assert content == MAIL.content
    assert b"(\\Answered)" in attributes
    assert b"04-Mar-2026 15:00:00 +0000" in attributes


def test_a_wrong_password_is_refused() -> None:
    with serve({NAME: {"INBOX": []}}, password="secret") as port:
        client = imaplib.IMAP4(HOST, port)
        with pytest.raises(imaplib.IMAP4.error):
            client.login(NAME, "guessed")
        client.logout()


def test_after_the_block_no_thread_is_left_and_nobody_listens() -> None:
    before = threading.active_count()
    with serve({NAME: {"INBOX": []}}, password="secret") as port:
        unclosed = imaplib.IMAP4(HOST, port)

    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError):
        imaplib.IMAP4(HOST, port)
    unclosed.shutdown()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_demo_that_is_ended_early_leaves_no_file_and_no_handler(
    ending: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        assert list(tmp_path.iterdir()), "it works in a folder for temporary files"
        os.kill(os.getpid(), ending)

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(passes, "run_accounts", interrupted)
    before = signal.getsignal(signal.SIGTERM)

    with pytest.raises(KeyboardInterrupt):
        play.perform()

    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(signal.SIGTERM) == before
