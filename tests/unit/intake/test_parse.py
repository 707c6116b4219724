"""Octets to a Message: what a person would see, and how sure it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corpus.nasty import NASTY
from triage.intake.parse import _parse, parse
from triage.types import (
    Address,
    Identity,
    Limits,
    Message,
    MessageRef,
    RawMessage,
    RequesterFrom,
    Source,
    Unreadable,
)

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
OURS = Identity(addresses=frozenset({"support@ours.example"}), internal_domains=frozenset({"ours.example"}))
ANNA = Address(address="anna@customer.example", name="Anna Example")
REF = MessageRef(account="a", mailbox="INBOX", uidvalidity=1, uid=7)


def raw(
    content: bytes,
    *,
    size: int | None = None,
    truncated: bool = False,
    internal_date: datetime | None = None,
    flags: frozenset[str] = frozenset(),
) -> RawMessage:
    return RawMessage(
        ref=REF,
        content=content,
        size=len(content) if size is None else size,
        truncated=truncated,
        internal_date=internal_date,
        flags=flags,
    )


def read(content: bytes | EmailMessage | RawMessage) -> Message:
    if isinstance(content, EmailMessage):
        content = content.as_bytes()
    found = parse(raw(content) if isinstance(content, bytes) else content, identity=OURS, now=NOW)
    assert isinstance(found, Message), found
    return found


def mail(text: str = "My heater is broken.\n", **header: str) -> EmailMessage:
    message = EmailMessage()
    fields = {
        "From": "Anna Example <anna@customer.example>",
        "To": "Support <support@ours.example>, b@x.example",
        "Cc": "c@x.example",
        "Subject": "Heater",
        "Date": "Tue, 03 Nov 2026 10:00:00 +0100",
        "Message-ID": "<1@customer.example>",
    }
    for name, value in {**fields, **{n.replace("_", "-"): v for n, v in header.items()}}.items():
        message[name] = value
    message.set_content(text)
    return message


def test_an_ordinary_mail_is_read_whole() -> None:
    content = mail(In_Reply_To="<0@ours.example>", References="<z@ours.example> <0@ours.example>").as_bytes()
    received = datetime(2026, 11, 3, 9, 0, 5, tzinfo=UTC)
    message = parse(raw(content, internal_date=received, flags=frozenset({"\\Seen"})), identity=OURS, now=NOW)
    assert isinstance(message, Message)
    assert message.ref == REF
    assert message.message_id == "<1@customer.example>"
    assert message.in_reply_to == ("<0@ours.example>",)
    assert message.references == ("<z@ours.example>", "<0@ours.example>")
    assert (message.subject, message.text, message.new_text) == ("Heater", *["My heater is broken."] * 2)
    assert message.sender == message.requester == ANNA
    assert [person.address for person in message.to] == ["support@ours.example", "b@x.example"]
    assert [person.address for person in message.cc] == ["c@x.example"]
    assert message.date == datetime(2026, 11, 3, 9, tzinfo=UTC)
    assert message.received == received
    assert message.flags == {"\\Seen"}
    assert message.header("From") == "Anna Example <anna@customer.example>"
    assert (message.size, message.truncated, message.defects) == (len(content), False, ())


@pytest.mark.parametrize(
    ("date", "received"),
    [
        (NOW - timedelta(days=30), NOW - timedelta(days=30)),
        (NOW + timedelta(hours=3), NOW + timedelta(hours=3)),
        (NOW + timedelta(days=30), NOW),
        (datetime(1970, 1, 1, tzinfo=UTC), NOW),
    ],
)
def test_without_an_internal_date_a_sane_date_counts_as_received(date: datetime, received: datetime) -> None:
    message = read(mail(Date=format_datetime(date)))
    assert message.date == date
    assert message.received == received


def test_message_ids_are_given_their_brackets() -> None:
    assert read(mail(Message_ID="1@customer.example")).message_id == "<1@customer.example>"


def test_quoted_history_and_signature_are_told_from_what_is_new() -> None:
    attribution = "On Tue, 3 Nov 2026 at 10:00, Support <support@ours.example> wrote:"
    text = f"It is still broken.\n\n{attribution}\n> All is well.\n"
    message = read(mail(text))
    assert message.new_text == "It is still broken."
    assert "All is well." in message.quoted_text
    assert "All is well." in message.text


def test_html_only_mail_is_read() -> None:
    message = EmailMessage()
    message["From"] = "anna@customer.example"
    message.set_content("<p>My heater is <b>broken</b>.</p>", subtype="html")
    assert read(message).new_text == "My heater is broken."


# --------------------------------------------------------------------------- forwards

FORWARD = """Can somebody take this?

---------- Forwarded message ---------
From: Anna Example <anna@customer.example>
Date: Tue, 3 Nov 2026 at 10:00
Subject: Heater
To: Kim <kim@ours.example>

My heater is broken.
"""
OUTLOOK = """Can somebody take this?

Von: Anna Example <anna@customer.example>
Gesendet: Dienstag, 3. November 2026 10:00
An: Kim <kim@ours.example>
Betreff: Heizung

My heater is broken.
"""


@pytest.mark.parametrize(
    ("subject", "text"), [("Fwd: Heater", FORWARD), ("please", FORWARD), ("WG: Heizung", OUTLOOK)]
)
def test_a_colleagues_forward_is_read_as_the_customers_mail(subject: str, text: str) -> None:
    message = read(mail(text, From="Kim <kim@ours.example>", Subject=subject))
    assert message.requester == ANNA
    assert message.requester_from is RequesterFrom.FORWARD
    assert message.forwarded_by == Address(address="kim@ours.example", name="Kim")
    assert message.new_text == "My heater is broken."
    assert "Can somebody take this?" in message.text


@pytest.mark.parametrize("remark", ["Can somebody take this?\n", "\n"])
def test_a_mail_that_a_colleague_attaches_is_a_forward_too(remark: str) -> None:
    outer = mail(remark, From="Kim <kim@ours.example>", Subject="look")
    outer.add_attachment(mail("My heater is broken.\n"))
    message = read(outer)
    assert message.requester == ANNA
    assert message.new_text == "My heater is broken."
    assert [a.name for a in message.attachments] == ["Heater"]


def test_a_customer_who_attaches_a_mail_stays_the_requester() -> None:
    outer = mail("\n")
    outer.add_attachment(mail("All is well.\n", From="support@ours.example", Subject="Answer"))
    message = read(outer)
    assert message.requester == ANNA
    assert message.text == "All is well."


def test_the_mail_inside_a_bounce_is_no_forward() -> None:
    message = read(
        NASTY["bounce"].replace(b"anna@customer.example>\r\nTo", b"mailer-daemon@ours.example>\r\nTo")
    )
    assert message.requester_from is RequesterFrom.FROM
    assert message.forwarded_by is None


def test_a_source_finds_the_requester_in_the_body() -> None:
    source = Source(
        kind="form",
        match=(("from", "www@"),),
        name=r"^Name: (.+)",
        address=r"^Email: (\S+)",
        phone=r"^Phone: (.+)",
    )
    content = mail(
        "Name: Anna Example\nEmail: anna@customer.example\nPhone: 020 7946 0123\n\nHelp!\n",
        From="www@ours.example",
    ).as_bytes()
    message = parse(raw(content), identity=OURS, sources=(source,), now=NOW)
    assert isinstance(message, Message)
    assert (message.requester, message.requester_from) == (ANNA, RequesterFrom.SOURCE)
    assert (message.requester_phone, message.source) == ("020 7946 0123", "form")


# --------------------------------------------------------------------------- fingerprints


def test_a_mail_keeps_its_fingerprint_when_it_moves() -> None:
    content = mail().as_bytes()
    there = b"Received: by other.example\nDelivered-To: x@y.example\n" + content.replace(b"\n", b"\r\n")
    moved = read(raw(there, internal_date=NOW, flags=frozenset({"\\Seen"})))
    assert moved.fingerprint == read(content).fingerprint
    assert len(moved.fingerprint) == 64


@pytest.mark.parametrize(
    "other",
    [
        mail("My heater is cold."),
        mail(Subject="Boiler"),
        mail(Message_ID="<2@customer.example>"),
        mail(From="bob@customer.example"),
        mail(Date="Tue, 03 Nov 2026 10:00:01 +0100"),
    ],
)
def test_another_mail_has_another_fingerprint(other: EmailMessage) -> None:
    assert read(other).fingerprint != read(mail()).fingerprint


# --------------------------------------------------------------------------- limits and faults


def test_a_truncated_mail_is_read_as_far_as_it_goes() -> None:
    whole = mail()
    whole.add_attachment(b"\x89PNG" * 1_000, maintype="image", subtype="png", filename="photo.png")
    for length in (len(whole.as_bytes()) * n // 50 for n in range(15, 50)):
        message = read(raw(whole.as_bytes()[:length], truncated=True, size=9_999_999))
        assert message.truncated
        assert message.size == 9_999_999
        assert "only its beginning was read" in message.defects
        assert message.text == "My heater is broken."


def test_content_over_the_limit_is_cut_and_called_truncated() -> None:
    content = mail("My heater is broken.\n" + "word " * 1_000).as_bytes()
    message = parse(raw(content), identity=OURS, limits=Limits(message_bytes=500), now=NOW)
    assert isinstance(message, Message)
    assert message.truncated
    assert message.text.startswith("My heater is broken.")


def test_a_mail_of_which_nothing_can_be_made_is_unreadable() -> None:
    found = parse(raw(b"", internal_date=NOW), identity=OURS, now=NOW)
    assert found == Unreadable(ref=REF, reason="empty message", received=NOW, size=0)


def test_a_fault_of_our_own_is_an_unreadable_mail_and_no_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RecursionError("deep")

    monkeypatch.setattr("triage.intake.parse.read_tree", fails)
    found = parse(raw(b"From: a@x.example\n\nhi"), identity=OURS, now=NOW)
    assert found == Unreadable(ref=REF, reason="reading it failed: RecursionError", received=NOW, size=21)


PLAIN = st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Cf"])


@settings(max_examples=100, deadline=None)
@given(
    subject=st.text(PLAIN, max_size=60),
    name=st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=20),
    words=st.lists(
        st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=80), min_size=1
    ),
    encoding=st.sampled_from(["base64", "quoted-printable", "8bit"]),
)
def test_what_the_standard_library_composes_is_read_back(
    subject: str, name: str, words: list[str], encoding: str
) -> None:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = from_header(name)
    message.set_content("\n".join(words), cte=encoding)
    found = read(message)
    assert found.subject.split() == subject.split()
    assert found.sender is not None
    assert found.sender.name in (name, "")
    assert found.text.split() == "\n".join(words).split()


def from_header(name: str) -> str:
    from email.utils import formataddr

    return formataddr((name, "anna@customer.example"))


SEEDS = [content for content in NASTY.values() if len(content) < 3_000]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.sampled_from(SEEDS),
    cuts=st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 60), st.binary(max_size=12)), max_size=6),
)
@example(seed=b"\n", cuts=[])
@example(seed=b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n", cuts=[])
def test_no_damage_makes_reading_fail(seed: bytes, cuts: list[tuple[int, int, bytes]]) -> None:
    content = seed
    for position, length, inserted in cuts:
        content = content[:position] + inserted + content[position + length :]
    found = _parse(
        raw(content), identity=OURS, sources=(), limits=Limits(), now=NOW
    )  # without the safety net
    if isinstance(found, Message):
        for text in (found.subject, found.text, found.new_text, *(v for _, v in found.headers)):
            text.encode("utf-8")
            assert "\x00" not in text
