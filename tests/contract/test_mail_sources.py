"""What every source of mail promises: the same mails from a server, an mbox, a Maildir or files."""

from __future__ import annotations

import hashlib
import mailbox
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from servers.dovecot import Desk
from triage.intake.files import read
from triage.intake.imap import ImapSource
from triage.types import RawMessage

MAILS = (
    b"From: Anna <anna@customer.example>\nSubject: one\n\nFirst mail.\n",
    b"From: Ben <ben@customer.example>\nSubject: =?utf-8?q?zw=C3=B6lf?=\n\nFrom here\n\n>From there\n\xff\n",
    b"From: Cem <cem@customer.example>\nSubject: long\n\n" + b"A line of a long mail.\n" * 400,
    b"Subject: nothing below\n\n",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """`mails(limit)`: what is read with that many octets a mail; `trace()`: what must never change."""

    mails: Callable[[int], list[RawMessage]]
    trace: Callable[[], object]


def from_path(path: Path, root: Path) -> Source:
    def mails(limit: int) -> list[RawMessage]:
        return [mail.raw for mail in read(path, message_bytes=limit) if mail.raw]

    def trace() -> object:
        files = [p for p in sorted(root.rglob("*")) if p.is_file()]
        return [(str(p), p.stat().st_mtime_ns, hashlib.sha256(p.read_bytes()).hexdigest()) for p in files]

    return Source(mails=mails, trace=trace)


def folder(root: Path) -> Source:
    for number, content in enumerate(MAILS):
        (root / f"{number}.eml").write_bytes(content)
    return from_path(root, root)


def mbox(root: Path) -> Source:
    box = mailbox.mbox(root / "inbox")
    for content in MAILS:
        escaped = content.replace(b"\n>From ", b"\n>>From ")  # mboxrd; Python escapes the bare "From " only
        box.add(escaped)
    box.close()
    return from_path(root / "inbox", root)


def maildir(root: Path) -> Source:
    for name in ("cur", "new", "tmp"):
        (root / name).mkdir()
    for number, content in enumerate(MAILS):
        (root / "new" / f"170000000{number}.M1P1.desk").write_bytes(content)
    return from_path(root, root)


def imap(desk: Desk) -> Source:
    desk.deliver(*MAILS)

    def mails(limit: int) -> list[RawMessage]:
        with ImapSource(desk.login(), deadline=lambda: 60.0) as source:
            sizes = [(e.uid, e.size) for e in source.envelopes("INBOX", source.uids_after("INBOX", 0))]
            return sorted(source.fetch("INBOX", sizes, message_bytes=limit), key=lambda raw: raw.ref.uid)

    return Source(mails=mails, trace=desk.snapshot)


@pytest.fixture(params=["folder", "mbox", "maildir", pytest.param("imap", marks=pytest.mark.dovecot)])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Source:
    if request.param == "imap":
        return imap(request.getfixturevalue("dovecot"))
    return {"folder": folder, "mbox": mbox, "maildir": maildir}[str(request.param)](tmp_path)


def with_lf(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n")


def test_every_mail_comes_once_with_its_bytes(source: Source) -> None:
    assert [with_lf(raw.content) for raw in source.mails(1_000_000)] == list(MAILS)


def test_each_mail_has_a_place_of_its_own(source: Source) -> None:
    refs = [raw.ref for raw in source.mails(1_000_000)]
    assert len(set(refs)) == len(MAILS)
    assert all(ref.uid or ref.key for ref in refs)
    assert refs == [raw.ref for raw in source.mails(1_000_000)]


def test_a_mail_over_the_limit_comes_with_its_beginning_and_its_whole_size(source: Source) -> None:
    whole = {raw.ref: raw for raw in source.mails(1_000_000)}
    for raw in source.mails(1_000):
        assert raw.truncated == (whole[raw.ref].size > 1_000)
        assert raw.size == whole[raw.ref].size
        assert raw.content == whole[raw.ref].content[:1_000]


def test_reading_changes_nothing(source: Source) -> None:
    before = source.trace()
    source.mails(1_000_000)
    source.mails(1_000)
    assert source.trace() == before
