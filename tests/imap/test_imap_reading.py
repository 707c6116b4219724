"""Discovering and fetching mail on a real server: complete, bounded, and without a trace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from servers.dovecot import Desk, DovecotServer
from servers.proxy import Proxy
from triage.errors import MailboxMissingError, NetworkError
from triage.intake import imap
from triage.intake.imap import ImapSource

pytestmark = pytest.mark.dovecot


def minute() -> float:
    return 60.0


def mail(subject: str, size: int = 0) -> bytes:
    body = b"line of the body\r\n" * (1 + size // 18)
    return b"From: Anna <anna@customer.example>\r\nSubject: " + subject.encode() + b"\r\n\r\n" + body


@pytest.fixture
def source(dovecot: Desk) -> Iterator[ImapSource]:
    with ImapSource(dovecot.login(), deadline=minute) as source:
        yield source


def test_reading_everything_leaves_flags_and_bytes_as_they_were(dovecot: Desk, source: ImapSource) -> None:
    dovecot.deliver(mail("new"), mail("other"))
    dovecot.deliver(mail("seen"), flags="S")
    dovecot.deliver(mail("answered"), flags="RS")
    dovecot.append("Sent", mail("ours"), flags=["\\Seen"])
    before = dovecot.snapshot()
    names = source.mailboxes()
    for mailbox in (names.inbox, *names.sent):
        source.examine(mailbox)
        found = list(source.envelopes(mailbox, source.uids_after(mailbox, 0), fields=["Subject"]))
        assert list(source.fetch(mailbox, [(e.uid, e.size) for e in found], message_bytes=10_000))
        source.flags(mailbox, [e.uid for e in found])
    assert dovecot.snapshot() == before


def test_the_state_of_a_mailbox_tells_what_comes_next(dovecot: Desk, source: ImapSource) -> None:
    assert source.examine("INBOX").exists == 0
    dovecot.deliver(mail("a"), mail("b"))
    state = source.examine("INBOX")
    assert (state.exists, state.uidnext) == (2, 3)
    assert state.uidvalidity > 0


def test_only_uids_above_the_cursor_are_found(dovecot: Desk, source: ImapSource) -> None:
    dovecot.deliver(*(mail(str(n)) for n in range(5)))
    assert source.uids_after("INBOX", 0) == (1, 2, 3, 4, 5)
    assert source.uids_after("INBOX", 3) == (4, 5)


def test_nothing_is_found_again_when_nothing_is_new(dovecot: Desk, source: ImapSource) -> None:
    dovecot.deliver(mail("last"))
    assert source.uids_after("INBOX", 1) == ()  # a search for 2:* names the last message all the same
    assert source.uids_after("INBOX", 100) == ()


def test_an_empty_mailbox_has_no_uids(source: ImapSource) -> None:
    assert source.uids_after("INBOX", 0) == ()


def test_a_start_date_leaves_older_mail_out(dovecot: Desk, source: ImapSource) -> None:
    dovecot.deliver(mail("old"), when=datetime(2024, 3, 4, 12, tzinfo=UTC))
    dovecot.deliver(mail("new"), when=datetime(2024, 3, 6, 12, tzinfo=UTC))
    assert source.uids_since("INBOX", 0, date(2024, 3, 5)) == (2,)


def test_a_big_mailbox_is_searched_in_windows(
    dovecot: Desk, source: ImapSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.deliver(*(mail(str(n)) for n in range(10)))
    for window in (1, 2, 3, 7, 9, 10, 11):
        monkeypatch.setattr(imap, "SEARCH_WINDOW", window)
        assert source.uids_after("INBOX", 0) == tuple(range(1, 11))
        assert source.uids_after("INBOX", 6) == (7, 8, 9, 10)
        assert source.uids_after("INBOX", 10) == ()


def test_mail_that_comes_or_goes_between_windows_is_not_missed(
    dovecot: Desk, source: ImapSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.deliver(*(mail(str(n)) for n in range(9)))
    monkeypatch.setattr(imap, "SEARCH_WINDOW", 3)
    source.examine("INBOX")
    with dovecot.client() as client:
        client.select_folder("INBOX")
        client.delete_messages([2, 5])
        client.expunge()
    dovecot.deliver(mail("late"))
    assert {1, 3, 4, 6, 7, 8, 9} <= set(source.uids_after("INBOX", 0))


def test_an_envelope_tells_size_date_flags_and_the_fields_asked_for(
    dovecot: Desk, source: ImapSource
) -> None:
    when = datetime(2024, 3, 31, 3, 30, 5, tzinfo=timezone(timedelta(hours=2)))
    dovecot.append("INBOX", mail("Grüße"), flags=["\\Answered", "Wichtig"], when=when)
    (envelope,) = source.envelopes("INBOX", [1], fields=["Subject", "X-None"])
    assert envelope.size == len(mail("Grüße"))
    assert envelope.internal_date == when
    assert envelope.internal_date.tzinfo is UTC
    assert envelope.flags == {"\\Answered", "Wichtig"}
    assert envelope.header == "Subject: Grüße\r\n\r\n".encode()


def test_an_envelope_without_fields_has_no_header(dovecot: Desk, source: ImapSource) -> None:
    dovecot.deliver(mail("a"))
    (envelope,) = source.envelopes("INBOX", [1])
    assert envelope.header == b""


@pytest.mark.parametrize("name", ["Subject)", "X Y", "a\r\nb", ""])
def test_a_field_name_that_could_carry_a_command_is_refused(source: ImapSource, name: str) -> None:
    with pytest.raises(ValueError, match="header field"):
        list(source.envelopes("INBOX", [1], fields=[name]))


def test_a_vanished_message_is_not_yielded(dovecot: Desk, source: ImapSource) -> None:
    dovecot.deliver(mail("a"))
    assert [e.uid for e in source.envelopes("INBOX", [1, 2, 99])] == [1]
    assert [m.ref.uid for m in source.fetch("INBOX", [(1, 100), (99, 100)], message_bytes=9999)] == [1]
    assert set(source.flags("INBOX", [1, 99])) == {1}


def test_a_message_comes_with_its_bytes_and_its_place(dovecot: Desk, source: ImapSource) -> None:
    content = mail("exact") + b"\x01\xff bytes\r\n"
    dovecot.deliver(content, when=datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), flags="R")
    (raw,) = source.fetch("INBOX", [(1, len(content))], message_bytes=10_000)
    state = source.examine("INBOX")
    assert raw.content == content
    assert raw.size == len(content)
    assert not raw.truncated
    assert raw.internal_date == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert raw.flags == {"\\Answered"}
    assert (raw.ref.account, raw.ref.mailbox, raw.ref.uid) == ("desk", "INBOX", 1)
    assert raw.ref.uidvalidity == state.uidvalidity
    assert source.bytes_fetched == len(content)


def test_of_a_huge_message_only_the_beginning_crosses_the_line(dovecot: Desk) -> None:
    huge = mail("huge", 3_000_000)
    dovecot.deliver(huge, mail("small"))
    with Proxy(dovecot.server.port) as proxy:
        with ImapSource(dovecot.login(port=proxy.port), deadline=minute) as source:
            sizes = [(e.uid, e.size) for e in source.envelopes("INBOX", [1, 2])]
            mails = {m.ref.uid: m for m in source.fetch("INBOX", sizes, message_bytes=1_000_000)}
        assert proxy.from_server < 300_000
    assert mails[1].truncated
    assert mails[1].size == len(huge)
    assert mails[1].content == huge[:256_000]
    assert not mails[2].truncated


def test_bodies_come_in_batches_of_bounded_bytes(
    dovecot: Desk, source: ImapSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.deliver(*(mail(str(n), 10_000) for n in range(12)))
    monkeypatch.setattr(imap, "BATCH_BYTES", 25_000)
    sizes = [(e.uid, e.size) for e in source.envelopes("INBOX", range(1, 13))]
    mails = source.fetch("INBOX", sizes, message_bytes=100_000)
    next(mails)
    assert source.bytes_fetched <= 25_000
    assert len(list(mails)) == 11


def test_a_batch_is_bounded_by_bytes_and_by_count() -> None:
    pairs = [(1, 10), (2, 7_999_990), (3, 1), (4, 9_000_000), (5, 1), (6, 1), (7, 1)]
    assert [[uid for uid, _ in batch] for batch in imap._batches(pairs, 2)] == [[1, 2], [3], [4], [5, 6], [7]]


def test_another_mailbox_may_be_used_while_bodies_come(
    dovecot: Desk, source: ImapSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.deliver(*(mail(str(n)) for n in range(4)))
    monkeypatch.setattr(imap, "BATCH_COUNT", 1)
    subjects = []
    for raw in source.fetch("INBOX", [(n, 100) for n in range(1, 5)], message_bytes=1000, count=1):
        source.append("Drafts", mail("draft"), when=datetime(2024, 1, 1, tzinfo=UTC))
        assert source.find_marker("Drafts", header="X-Marker", marker="none", from_uid=1) is None
        subjects.append(raw.content.split(b"\r\n")[1])
    assert subjects == [f"Subject: {n}".encode() for n in range(4)]


def test_a_mailbox_made_anew_meanwhile_is_not_mistaken_for_the_old_one(
    dovecot: Desk, source: ImapSource
) -> None:
    with dovecot.client() as client:
        client.create_folder("Queue")
        client.append("Queue", mail("first"))
        state = source.examine("Queue")
        source.examine("INBOX")
        client.delete_folder("Queue")
        client.create_folder("Queue")
        client.append("Queue", mail("another"))
        client.select_folder("Queue", readonly=True)
    with pytest.raises(NetworkError, match="made anew"):
        list(source.envelopes("Queue", [1]))
    source.connect()
    assert source.examine("Queue").uidvalidity != state.uidvalidity


def test_a_changed_uidvalidity_is_seen(dovecot: Desk, source: ImapSource) -> None:
    dovecot.deliver(mail("a"))
    before = source.examine("INBOX")
    dovecot.set_uidvalidity(before.uidvalidity + 5)
    source.connect()
    after = source.examine("INBOX")
    assert (after.uidvalidity, after.exists) == (before.uidvalidity + 5, 1)


def test_a_server_that_was_down_serves_the_same_mail_afterwards(needs_dovecot: None) -> None:
    with DovecotServer() as server:
        desk = server.new_user()
        desk.deliver(mail("a"))
        source = ImapSource(desk.login(), deadline=minute)
        source.connect()
        state = source.examine("INBOX")
        source.close()
        server.pause()
        with pytest.raises(NetworkError):
            source.connect()
        server.resume()
        source.connect()
        assert source.examine("INBOX") == state
        source.close()


def test_a_draft_is_appended_with_its_flag_and_its_uid_is_told(dovecot: Desk, source: ImapSource) -> None:
    when = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    state = source.examine("Drafts")
    uid = source.append("Drafts", mail("draft"), when=when)
    assert uid == state.uidnext
    (envelope,) = source.envelopes("Drafts", [uid])
    assert envelope.flags == {"\\Draft"}
    assert envelope.internal_date == when
    assert dovecot.mails("Drafts") == [mail("draft")]


def test_appending_to_a_missing_mailbox_says_so(source: ImapSource) -> None:
    with pytest.raises(MailboxMissingError, match="Nowhere"):
        source.append("Nowhere", mail("draft"), when=datetime(2024, 1, 1, tzinfo=UTC))


def test_a_marker_is_found_from_a_uid_on(dovecot: Desk, source: ImapSource) -> None:
    marked = b"X-Triage-Marker: abc123\r\n" + mail("marked")
    folded = b"x-triage-marker:\r\n  folded456\r\n" + mail("marked")
    for content in (mail("plain"), marked, folded, b"X-Other: abc123\r\n" + mail("other")):
        source.append("Drafts", content, when=datetime(2024, 1, 1, tzinfo=UTC))

    def find(marker: str, start: int) -> int | None:
        return source.find_marker("Drafts", header="X-Triage-Marker", marker=marker, from_uid=start)

    assert find("abc123", 1) == 2
    assert find("folded456", 1) == 3
    assert find("abc123", 2) == 2
    assert find("abc123", 3) is None
    assert find("abc", 1) is None
    assert find("abc123", 50) is None


def test_a_marker_appended_by_another_connection_is_seen(dovecot: Desk, source: ImapSource) -> None:
    source.examine("Drafts")
    dovecot.append("Drafts", b"X-M: late\r\n" + mail("late"))
    assert source.find_marker("Drafts", header="X-M", marker="late", from_uid=1) == 1


def test_a_long_list_of_uids_fits_into_the_servers_lines(needs_dovecot: None) -> None:
    with DovecotServer(line_length="8k") as server:
        desk = server.new_user()
        desk.deliver(*(mail(str(n)) for n in range(3)))
        with ImapSource(desk.login(), deadline=minute) as source:
            uids = [*range(1, 4), *range(4_000_000_000, 4_000_001_500)]
            assert [e.uid for e in source.envelopes("INBOX", uids)] == [1, 2, 3]


def test_one_unreadable_message_keeps_only_itself_back(dovecot: Desk, source: ImapSource) -> None:
    dovecot.deliver(*(mail(str(n)) for n in range(5)))
    sizes = [(e.uid, e.size) for e in source.envelopes("INBOX", range(1, 6))]
    broken = sorted((dovecot.maildir / "new").iterdir())[2]
    broken.chmod(0)
    got: set[int] = set()
    with suppress(NetworkError):  # Dovecot hangs up in the middle of the batch
        got |= {m.ref.uid for m in source.fetch("INBOX", sizes, message_bytes=1000)}
    for pair in sizes:  # as a caller goes on: one by one
        with suppress(NetworkError):
            source.connect()
            got |= {m.ref.uid for m in source.fetch("INBOX", [pair], message_bytes=1000)}
    assert got == {1, 2, 4, 5}
