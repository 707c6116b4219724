"""Mail from files: every form is read completely, nothing is written, one bad mail stops no other."""

from __future__ import annotations

import json
import mailbox
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import pytest

from triage.errors import Exit, InputError, NotFoundError
from triage.intake.files import FileMail, read
from triage.types import Address

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
ONE = b"From: Anna <anna@customer.example>\nSubject: one\n\nFirst mail.\n"
TWO = b"From: Ben <ben@customer.example>\nSubject: two\n\nSecond mail.\n"


def found(path: Path, *, message_bytes: int = 1_000_000) -> list[FileMail]:
    return list(read(path, message_bytes=message_bytes, now=NOW))


def contents(path: Path) -> dict[str, bytes]:
    return {mail.id: mail.raw.content for mail in found(path) if mail.raw}


def every_byte(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {str(p): (p.read_bytes(), p.stat().st_mtime_ns) for p in sorted(folder.rglob("*")) if p.is_file()}


# --------------------------------------------------------------------------- one mail a file


def test_a_single_file_is_a_mail_named_after_it(tmp_path: Path) -> None:
    file = tmp_path / "complaint.eml"
    file.write_bytes(ONE)
    (mail,) = found(file)
    assert mail.id == "complaint.eml"
    assert mail.raw is not None
    assert (mail.raw.content, mail.raw.size, mail.raw.truncated) == (ONE, len(ONE), False)
    assert (mail.raw.ref.mailbox, mail.raw.ref.key, mail.raw.ref.uid) == (str(file), "complaint.eml", 0)


def test_a_folder_is_read_in_the_order_of_its_names_with_what_lies_below(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("b.eml", "a.EML", "sub/c.eml", "17"):
        (tmp_path / name).write_bytes(ONE)
    assert list(contents(tmp_path)) == ["17", "a.EML", "b.eml", "sub/c.eml"]


def test_what_is_no_mail_in_a_folder_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(ONE)
    (tmp_path / "GUIDE.md").write_bytes(b"Note: this looks like a header\n")
    (tmp_path / "README").write_bytes(b"Some words about the mails\n")
    (tmp_path / ".hidden.eml").write_bytes(ONE)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert list(contents(tmp_path)) == ["a.eml"]


def test_of_a_long_mail_the_beginning_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(ONE + b"x" * 5000)
    (mail,) = found(tmp_path, message_bytes=100)
    assert mail.raw is not None
    assert mail.raw.truncated
    assert mail.raw.content == (ONE + b"x" * 5000)[:100]
    assert mail.raw.size == len(ONE) + 5000


def test_an_empty_file_is_a_mail_without_content(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(b"")
    (mail,) = found(tmp_path)
    assert mail.raw is not None
    assert mail.raw.content == b""


def test_a_dangling_link_does_not_keep_the_other_mails_back(tmp_path: Path) -> None:
    (tmp_path / "a.eml").symlink_to(tmp_path / "gone.eml")
    (tmp_path / "b.eml").write_bytes(ONE)
    assert list(contents(tmp_path)) == ["b.eml"]


def test_a_forbidden_mail_is_a_row_with_its_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.eml", "b.eml"):
        (tmp_path / name).write_bytes(ONE)
    really_open = Path.open

    def forbidding(path: Path, mode: str = "r") -> IO[Any]:
        if path.name == "a.eml":
            raise PermissionError(13, "Permission denied")
        return really_open(path, mode)

    monkeypatch.setattr(Path, "open", forbidding)  # root may read everything
    first, second = found(tmp_path)
    assert "a.eml: Permission denied" in first.problem
    assert second.raw is not None


def test_a_name_that_is_no_utf8_gives_an_id_that_can_be_printed(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.eml")).write_bytes(ONE)
    (mail,) = found(tmp_path)
    assert mail.id == "caf\ufffd.eml"


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="nowhere") as caught:
        found(tmp_path / "nowhere")
    assert caught.value.exit == Exit.MISSING


def test_a_folder_without_mail_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no mail"):
        found(tmp_path)


# --------------------------------------------------------------------------- mbox


def as_mbox(
    *mails: bytes, separator: bytes = b"From anna@customer.example Sat Jun  1 12:00:00 2024\n"
) -> bytes:
    return b"".join(separator + mail + b"\n" for mail in mails)


def test_an_mbox_gives_its_mails_numbered(tmp_path: Path) -> None:
    (tmp_path / "inbox").write_bytes(as_mbox(ONE, TWO))
    assert contents(tmp_path / "inbox") == {"1": ONE, "2": TWO}


@pytest.mark.parametrize(
    "separator",
    [
        b"From - Tue Mar 05 10:00:00 2024\n",
        b"From 1790@xxx Tue Mar 05 10:00:00 +0000 2024\r\n",
        b'From "anna example"@customer.example Tue Mar  5 10:00 2024\n',
        b"From MAILER-DAEMON Fri Jul  8 12:08:34 2011\n",
    ],
)
def test_every_dialect_of_separator_is_known(tmp_path: Path, separator: bytes) -> None:
    (tmp_path / "inbox").write_bytes(as_mbox(ONE, TWO, ONE, separator=separator))
    assert list(contents(tmp_path / "inbox").values()) == [ONE, TWO, ONE]


def test_a_sentence_that_begins_with_from_does_not_cut_a_mail_in_two(tmp_path: Path) -> None:
    mail = ONE + b"\nFrom the moment I ordered, nothing worked.\n\nFrom 10:30 on I waited.\n"
    (tmp_path / "inbox").write_bytes(as_mbox(mail, TWO))
    assert list(contents(tmp_path / "inbox").values()) == [mail, TWO]


def test_an_escaped_from_loses_one_mark(tmp_path: Path) -> None:
    (tmp_path / "inbox").write_bytes(as_mbox(ONE + b">From here\n>>From there\n> From quoted\n"))
    assert contents(tmp_path / "inbox")["1"] == ONE + b"From here\n>From there\n> From quoted\n"


def test_an_mbox_written_by_python_comes_back_unchanged(tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "inbox")
    for mail in (ONE, TWO + b"\n\nFrom me\n\n\n", b"Subject: no body\n\n"):
        box.add(mail)
    box.close()
    before = every_byte(tmp_path)
    assert list(contents(tmp_path / "inbox").values()) == [
        ONE,
        TWO + b"\n\nFrom me\n\n\n",
        b"Subject: no body\n\n",
    ]
    assert every_byte(tmp_path) == before


def test_a_huge_mail_in_an_mbox_is_cut_and_the_next_one_whole(tmp_path: Path) -> None:
    huge = ONE + b"line of text\n" * 20_000 + b"y" * 200_000 + b"\n"
    (tmp_path / "inbox").write_bytes(as_mbox(huge, TWO))
    first, second = found(tmp_path / "inbox", message_bytes=1000)
    assert first.raw is not None
    assert second.raw is not None
    assert (first.raw.content, first.raw.size, first.raw.truncated) == (huge[:1000], len(huge), True)
    assert second.raw.content == TWO


def test_an_mbox_cut_off_in_the_middle_gives_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "inbox").write_bytes(as_mbox(ONE, TWO)[:-8])
    assert list(contents(tmp_path / "inbox").values()) == [ONE, TWO[:-7]]


# --------------------------------------------------------------------------- Maildir


def test_a_maildir_is_read_without_moving_anything(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "Maildir", create=True)
    new = box.add(ONE)
    seen = mailbox.MaildirMessage(TWO)
    seen.set_subdir("cur")
    seen.set_flags("RS")
    answered = box.add(seen)
    (tmp_path / "Maildir" / "tmp" / "half").write_bytes(b"half a mail")
    before = every_byte(tmp_path)
    mails = {mail.id: mail.raw for mail in found(tmp_path / "Maildir")}
    assert set(mails) == {new, answered}
    first, second = mails[new], mails[answered]
    assert first is not None
    assert second is not None
    assert (first.content, first.flags) == (ONE, frozenset())
    assert (second.content, second.flags) == (TWO, frozenset({"\\Answered", "\\Seen"}))
    assert every_byte(tmp_path) == before


# --------------------------------------------------------------------------- JSON lines


def rows(tmp_path: Path, *lines: Mapping[str, object] | str) -> list[FileMail]:
    file = tmp_path / "mails.jsonl"
    file.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return found(file)


def test_a_row_becomes_a_message(tmp_path: Path) -> None:
    (mail,) = rows(tmp_path, {"id": "c-1", "subject": "Order\n 447", "body": "Hi,\r\nwhere is it?\n"})
    assert mail.id == "c-1"
    assert mail.raw is None
    message = mail.message
    assert message is not None
    assert (message.subject, message.text) == ("Order 447", "Hi,\nwhere is it?\n")
    assert message.new_text.startswith("Hi,\nwhere is it?")
    assert message.received == NOW
    assert message.requester is None
    assert message.ref.key == "c-1"


def test_a_row_may_name_people_date_and_headers(tmp_path: Path) -> None:
    row = {
        "id": 7,
        "subject": "x",
        "body": "y",
        "from": "Anna Example <Anna@customer.example>",
        "to": [{"name": "Help", "address": "help@shop.example"}],
        "date": "2024-05-06T07:08:09+02:00",
        "headers": {
            "Auto-Submitted": "auto-replied",
            "Message-ID": "<a@b.example>",
            "References": "<r@b.example>",
        },
    }
    (mail,) = rows(tmp_path, row)
    message = mail.message
    assert mail.id == "7"
    assert message is not None
    anna = Address(name="Anna Example", address="anna@customer.example")
    assert (message.sender, message.requester) == (anna, anna)
    assert message.to == (Address(name="Help", address="help@shop.example"),)
    assert message.received == message.date == datetime(2024, 5, 6, 5, 8, 9, tzinfo=UTC)
    assert message.header("auto-submitted") == "auto-replied"
    assert message.header("from") == "Anna Example <anna@customer.example>"
    assert (message.message_id, message.references) == ("<a@b.example>", ("<r@b.example>",))


def test_headers_may_be_pairs_and_stand_in_for_the_fields(tmp_path: Path) -> None:
    headers = [
        ["From", "anna@customer.example"],
        ["Date", "Mon, 6 May 2024 07:08:09 +0000"],
        ["X-A", "1"],
        ["X-A", "2"],
    ]
    (mail,) = rows(tmp_path, {"subject": "x", "body": "y", "headers": headers})
    message = mail.message
    assert message is not None
    assert message.sender == Address(address="anna@customer.example")
    assert message.date == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert message.all_headers("x-a") == ("1", "2")


@pytest.mark.parametrize(
    "line",
    [
        "{not json",
        "[1, 2]",
        '"text"',
        '{"id": "x"}',
        '{"subject": "x", "body": 5}',
        '{"subject": ["x"], "body": "y"}',
        '{"subject": "x", "body": "y", "headers": 5}',
        '{"subject": "x", "body": "y", "headers": [["one"]]}',
        "[" * 100_000,
    ],
)
def test_a_bad_line_is_named_and_the_rest_goes_on(tmp_path: Path, line: str) -> None:
    bad, good = rows(tmp_path, line, {"id": "ok", "subject": "s", "body": "b"})
    assert bad.message is None
    assert "mails.jsonl:1:" in bad.problem
    assert good.message is not None


def test_a_line_beyond_all_measure_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "mails.jsonl"
    file.write_text(
        json.dumps({"body": "x" * 10_000}) + "\n\n" + json.dumps({"id": "ok", "body": "b"}) + "\n"
    )
    bad, good = found(file, message_bytes=500)
    assert "mails.jsonl:1:" in bad.problem
    assert good.id == "ok"


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "soon", 5, ""])
def test_an_impossible_date_is_no_date(tmp_path: Path, date: object) -> None:
    (mail,) = rows(tmp_path, {"body": "b", "date": date})
    assert mail.message is not None
    assert (mail.message.date, mail.message.received) == (None, NOW)


def test_what_cannot_be_stored_is_replaced(tmp_path: Path) -> None:
    (mail,) = rows(tmp_path, r'{"id": "a\ud800", "subject": "\ud83d", "body": "nul\u0000 and \udc00"}')
    assert mail.message is not None
    assert mail.message.text == "nul\ufffd and \ufffd"
    assert mail.message.subject == "\ufffd"
    mail.id.encode()
