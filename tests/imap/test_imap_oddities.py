"""What no good server says: every odd answer is either understood or one clear error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from servers.scripted import CLOSE, EXAMINED, Answer, ScriptedServer
from triage.errors import (
    Exit,
    LoginError,
    MailboxMissingError,
    NetworkError,
    ProtocolError,
    TriageError,
    WriteError,
)
from triage.intake.imap import ImapSource, Login


@contextmanager
def connected(script: dict[str, Answer], *, capabilities: bytes = b"IMAP4rev1") -> Iterator[ImapSource]:
    with ScriptedServer(script, capabilities=capabilities) as server:
        login = Login(
            host="127.0.0.1", port=server.port, security="none", username="desk", secret=lambda: "pw"
        )
        with ImapSource(login, deadline=lambda: 30.0, step_timeout=5.0) as source:
            yield source


def fetched(answer: Sequence[bytes], uids: Sequence[int] = (7, 8, 9)) -> dict[int, bytes]:
    with connected({"UID FETCH": answer}) as source:
        mails = source.fetch("INBOX", [(uid, 5) for uid in uids], message_bytes=100)
        return {m.ref.uid: m.content for m in mails}


WHOLE = b"* 1 FETCH (UID 7 FLAGS () BODY[] {5}\r\nhello)"


@pytest.mark.parametrize(
    "answer",
    [
        [],
        [b"* 1 FETCH (UID 7 BODY[] NIL)"],
        [b'* 1 FETCH (UID 7 BODY[] "")'],
        [b"* 1 FETCH (UID 7 BODY[] {0}\r\n)"],
        [b"* 1 FETCH (UID 7 FLAGS (\\Seen))"],
        [b"* 7 FETCH (BODY[] {5}\r\nhello)"],  # no UID: it might be any message
        [b"* 1 FETCH (UID 77 BODY[] {5}\r\nhello)"],  # not asked for
    ],
)
def test_a_body_that_did_not_come_is_not_yielded(answer: list[bytes]) -> None:
    assert fetched(answer) == {}


def test_a_missing_message_does_not_keep_the_others_back() -> None:
    assert fetched([WHOLE, b"* 3 FETCH (UID 9 BODY[] {3}\r\nyes)"]) == {7: b"hello", 9: b"yes"}


def test_the_order_and_case_of_what_is_told_do_not_matter() -> None:
    assert fetched([b'* 1 FETCH (body[] "hello" flags (\\SEEN) uid 7)']) == {7: b"hello"}


def test_flags_told_without_uid_are_not_taken_for_another_message() -> None:
    answer = [b"* 1 FETCH (UID 7 FLAGS (\\Answered))", b"* 7 FETCH (FLAGS ())", b"* 8 FETCH (FLAGS (\\Seen))"]
    with connected({"UID FETCH": answer}) as source:
        assert source.flags("INBOX", [7, 8]) == {7: {"\\Answered"}}


def test_flags_told_between_the_bodies_do_no_harm() -> None:
    assert fetched([WHOLE, b"* 1 FETCH (UID 7 FLAGS (\\Seen))", b"* 4 EXISTS", b"* 2 EXPUNGE"]) == {
        7: b"hello"
    }


def test_odd_flags_are_told_in_one_spelling() -> None:
    with connected(
        {"UID FETCH": [b"* 1 FETCH (UID 7 FLAGS (\\ANSWERED \\Recent 123 NIL $Label))"]}
    ) as source:
        assert source.flags("INBOX", [7]) == {7: {"\\Answered", "123", "NIL", "$Label"}}


@pytest.mark.parametrize(
    "told", [b"NIL", b'"32-Foo-2024 25:61:00 +9999"', b'"31-Dec-9999 23:59:59 -1400"', b'""', b"5"]
)
def test_an_impossible_date_is_no_date(told: bytes) -> None:
    with connected(
        {"UID FETCH": [b"* 1 FETCH (UID 7 RFC822.SIZE 5 FLAGS () INTERNALDATE " + told + b")"]}
    ) as source:
        (envelope,) = source.envelopes("INBOX", [7])
        assert envelope.internal_date is None


@pytest.mark.parametrize(
    "answer",
    [
        b"* 1 FETCH (UID 7 FLAGS ())",
        b"* 1 FETCH (UID 7 RFC822.SIZE NIL FLAGS ())",
        b"* 1 FETCH (UID 7 RFC822.SIZE 5 FLAGS () BODY[HEADER.FIELDS (SUBJECT)] NIL)",
    ],
)
def test_an_envelope_that_lacks_what_was_asked_for_is_not_yielded(answer: bytes) -> None:
    with connected({"UID FETCH": [answer]}) as source:
        assert list(source.envelopes("INBOX", [7], fields=["Subject"])) == []


def test_a_batch_that_is_refused_is_asked_for_in_parts() -> None:
    def answer(command: str) -> list[bytes]:
        uids = [int(uid) for uid in command.split()[2].split(",")]
        if 8 in uids:
            return [b"tagged NO Some messages could not be FETCHed"]
        return [b"* %d FETCH (UID %d BODY[] {2}\r\nok)" % (uid, uid) for uid in uids]

    with connected({"UID FETCH": answer}) as source:
        mails = list(source.fetch("INBOX", [(uid, 2) for uid in range(1, 21)], message_bytes=100))
    assert [m.ref.uid for m in mails] == [uid for uid in range(1, 21) if uid != 8]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ([b"* 1 FETCH (UID 7 BODY[] {9}\r\nhello)", CLOSE], NetworkError),
        ([b"* 1 FETCH (UID 7 BODY[] {5}\r\nhello"], ProtocolError),
        ([b"* 1 FETCH (UID 7 BODY[] {99999999999}"], ProtocolError),
        ([b"* 1 FETCH (UID seven BODY[])"], ProtocolError),
        ([b"* 1 FETCH " + b"(" * 5000], ProtocolError),
        ([b"* 1 FETCH 5"], ProtocolError),
        ([b"* 1 FETCH (UID 7 BODY[] {x}\r\n"], ProtocolError),
        ([b"what is this"], ProtocolError),
        ([b"A999 OK"], ProtocolError),
        ([b"* " + b"x" * 1_100_000], ProtocolError),
        ([b"tagged BAD no"], ProtocolError),
        ([b"tagged NO [UNAVAILABLE] later"], NetworkError),
        ([b"* BYE Session expired", CLOSE], NetworkError),
        ([b"* BYE AccessTokenExpired", CLOSE], LoginError),
        ([CLOSE], NetworkError),
    ],
)
def test_garbage_is_one_clear_error_and_ends_the_connection(
    answer: list[bytes], kind: type[TriageError]
) -> None:
    with connected({"UID FETCH": answer}) as source:
        with pytest.raises(TriageError) as caught:
            list(source.fetch("INBOX", [(7, 5)], message_bytes=100))
        assert type(caught.value) is kind
        assert "desk at 127.0.0.1" in caught.value.message
        assert caught.value.message.isprintable()
        with pytest.raises(NetworkError, match="not connected"):
            source.examine("INBOX")


def test_a_flood_of_unasked_answers_is_cut_off() -> None:
    flood = [b"* OK [ALERT] " + b"x" * 900_000] * 20
    with connected({"UID SEARCH": flood}) as source, pytest.raises(ProtocolError, match="far more"):
        source.uids_after("INBOX", 0)


@pytest.mark.parametrize(
    "answer",
    [
        [b"* SEARCH 7 8 9"],
        [b"* SEARCH 9 7", b"* SEARCH 8"],
        [b"* SEARCH 7 8 9 (MODSEQ 917162500)"],
        [b"* SEARCH 3 7 8 9"],
        [b"* SEARCH 7 8 9 9"],
    ],
)
def test_search_results_are_understood_in_any_form(answer: list[bytes]) -> None:
    with connected({"UID SEARCH": answer}) as source:
        assert source.uids_after("INBOX", 6) == (7, 8, 9)


@pytest.mark.parametrize("answer", [[], [b"* SEARCH"]])
def test_an_empty_search_finds_nothing(answer: list[bytes]) -> None:
    with connected({"UID SEARCH": answer}) as source:
        assert source.uids_after("INBOX", 6) == ()


def test_a_mailbox_without_uidvalidity_cannot_be_worked_with() -> None:
    lines = [line for line in EXAMINED if b"UIDVALIDITY" not in line]
    with connected({"EXAMINE": lines}) as source, pytest.raises(ProtocolError):
        source.examine("INBOX")


def test_a_missing_uidnext_is_asked_for() -> None:
    lines = [line for line in EXAMINED if b"UIDNEXT" not in line]
    with connected({"EXAMINE": lines, "STATUS": [b"* STATUS INBOX (UIDNEXT 10)"]}) as source:
        assert source.examine("INBOX").uidnext == 10


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"tagged NO [NONEXISTENT] Unknown mailbox", MailboxMissingError),
        (b"tagged NO Mailbox doesn't exist", MailboxMissingError),
        (b"tagged BAD User is authenticated but not connected.", ProtocolError),
        (b"tagged NO User is authenticated but not connected.", NetworkError),
        (b"tagged NO Server Busy. Suggested Backoff Time: 300000 milliseconds", NetworkError),
        (b"tagged NO [INUSE] locked", NetworkError),
    ],
)
def test_a_mailbox_that_does_not_open_is_missing_or_busy(answer: bytes, kind: type[TriageError]) -> None:
    with connected({"EXAMINE": [answer]}) as source:
        with pytest.raises(TriageError) as caught:
            source.examine("INBOX")
        assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("answer", "uid"),
    [
        ([b"tagged OK [APPENDUID 42 12] done"], 12),
        ([b"tagged OK done"], None),
        ([b"tagged OK [APPENDUID 12 42] swapped"], None),
        ([b"* 5 EXISTS", b"tagged OK [APPENDUID 42 12] done"], 12),
    ],
)
def test_the_uid_of_a_draft_is_told_only_where_the_server_tells_it(
    answer: list[bytes], uid: int | None
) -> None:
    with connected({"APPEND": answer}) as source:
        source.examine("Drafts")
        assert (
            source.append("Drafts", b"Subject: x\r\n\r\nhi\r\n", when=datetime(2024, 1, 1, tzinfo=UTC)) == uid
        )


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ([b"tagged NO [OVERQUOTA] full"], WriteError),
        ([b"tagged NO message too large"], WriteError),
        ([b"tagged NO [TRYCREATE] none"], MailboxMissingError),
        ([b"tagged NO [LIMIT] slow down"], NetworkError),
        ([CLOSE], NetworkError),
    ],
)
def test_a_draft_that_was_refused_is_told_apart_from_one_that_may_be_there(
    answer: list[bytes], kind: type[TriageError]
) -> None:
    with connected({"APPEND": answer}) as source:
        with pytest.raises(TriageError) as caught:
            source.append("Drafts", b"Subject: x\r\n\r\nhi\r\n", when=datetime(2024, 1, 1, tzinfo=UTC))
        assert type(caught.value) is kind
        assert caught.value.exit in (Exit.CANNOT_WRITE, Exit.CONFIG, Exit.TRY_AGAIN)


def test_a_server_that_dislikes_id_still_serves_mail() -> None:
    for answer in (b"tagged NO no ID", b"tagged BAD no ID"):
        with connected({"ID": [answer]}, capabilities=b"IMAP4rev1 ID") as source:
            assert source.examine("INBOX").exists == 3


def test_goodbye_is_said_once_at_the_end() -> None:
    with ScriptedServer({}) as server:
        login = Login(host="127.0.0.1", port=server.port, security="none", username="u", secret=lambda: "p")
        with ImapSource(login, deadline=lambda: 30.0) as source:
            source.examine("INBOX")
        source.close()
        assert server.heard[-1] == "LOGOUT"
        assert server.heard.count("LOGOUT") == 1


def test_only_reading_commands_are_ever_sent() -> None:
    with ScriptedServer({"UID FETCH": [WHOLE]}, capabilities=b"IMAP4rev1 UIDPLUS") as server:
        login = Login(host="127.0.0.1", port=server.port, security="none", username="u", secret=lambda: "p")
        with ImapSource(login, deadline=lambda: 30.0) as source:
            source.uids_after("INBOX", 0)
            list(source.fetch("INBOX", [(7, 5), (8, 500)], message_bytes=100))
            list(source.envelopes("INBOX", [7], fields=["Subject"]))
            source.find_marker("Drafts", header="X-M", marker="a\r\nX CREATE p", from_uid=1)
    commands = {
        line.split()[0] if not line.startswith("UID") else " ".join(line.split()[:2]) for line in server.heard
    }
    assert commands == {"CAPABILITY", "LOGIN", "EXAMINE", "UID SEARCH", "UID FETCH", "LOGOUT"}
    assert all("BODY[" not in line.replace("BODY.PEEK[", "") for line in server.heard)
