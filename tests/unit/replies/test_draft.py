"""A draft is one well-formed mail to one person, and no mail can bend its headers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.replies.compose import Plan, compose
from triage.replies.draft import MARKER_HEADER, QUOTED_BYTES, build, draft_message_id, marker
from triage.types import DraftMail, Message
from unit.replies.samples import SETTINGS, message

NOW = datetime(2026, 10, 2, 16, 0, tzinfo=UTC)
TEXT = "Hello Rhys,\n\nThank you for your message, which has reached us. A person will answer it by Monday.\n"
KEY = b"0123456789abcdef"
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    MARKER_HEADER,
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
}


def built(mail: Message, text: str = TEXT) -> DraftMail:
    return build(
        message=mail, text=text, settings=SETTINGS, marker="m" * 40, message_id="<d@x.example>", now=NOW
    )


def read(draft: DraftMail) -> EmailMessage:
    mail = message_from_bytes(draft.content, policy=SMTP)
    assert isinstance(mail, EmailMessage)
    return mail


def body(draft: DraftMail) -> str:
    return str(read(draft).get_content()).replace("\r\n", "\n")


def test_the_headers_are_those_of_a_reply_inside_the_thread() -> None:
    mail = read(
        built(message(name="Rhys Llewellyn", subject="RE: re: My bill", references=("<zero@x.example>",)))
    )
    assert set(mail.keys()) <= HEADERS
    assert mail["From"] == "Brightmoor Support <help@brightmoor.example>"
    assert mail["To"] == "Rhys Llewellyn <rhys@mailbox.example>"
    assert mail["Subject"] == "Re: My bill"
    assert mail["In-Reply-To"] == "<one@mailbox.example>"
    assert mail["References"].split() == ["<zero@x.example>", "<one@mailbox.example>"]
    assert mail["Message-ID"] == "<d@x.example>"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail[MARKER_HEADER] == "m" * 40
    assert mail["Date"].datetime == NOW
    assert mail["MIME-Version"] == "1.0"
    assert mail.get_content_type() == "text/plain"


def test_a_team_may_leave_the_automatic_mark_out() -> None:
    plain = replace(SETTINGS, mark_automatic=False)
    draft = build(
        message=message(), text=TEXT, settings=plain, marker="m", message_id="<d@x.example>", now=NOW
    )
    assert read(draft)["Auto-Submitted"] is None


def test_nothing_in_the_draft_tells_a_score() -> None:
    assert b"score" not in built(message()).content.lower()


def test_the_original_is_quoted_below_with_who_and_when() -> None:
    content = body(built(message("First line.\n\nSecond line.", name="Rhys Llewellyn")))
    assert content.endswith(
        "On Fri, 2 October 2026 at 15:38, Rhys Llewellyn wrote:\n> First line.\n>\n> Second line.\n"
    )


def test_the_text_is_our_words_only_and_is_wrapped() -> None:
    draft = built(message("Their words."))
    assert "Their words" not in draft.text
    assert all(len(line) <= 76 for line in body(draft).splitlines())
    assert body(draft).startswith(draft.text)


def test_the_quoted_original_is_redacted_and_cut_on_a_line() -> None:
    card = body(built(message("My card is 4111 1111 1111 1111.")))
    assert "4111" not in card
    long = body(built(message("\n".join(f"line {n} — and some more of it" for n in range(3000)))))
    quoted = [line for line in long.splitlines() if line.startswith(">")]
    assert len("\n".join(quoted).encode()) <= QUOTED_BYTES + 100
    assert quoted[-1].startswith("> [the rest of the message")
    assert quoted[-2].endswith("and some more of it")


def test_a_message_without_text_has_no_quote() -> None:
    assert "wrote:" not in body(built(message("")))


def test_lines_end_with_crlf_and_stay_short() -> None:
    content = built(message("é" * 5000 + " " + "x" * 5000, subject="ü" * 500)).content
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert content.isascii()


def test_identifiers_are_never_encoded_however_long() -> None:
    long = f"<{'a' * 200}@mailbox.example>"
    mail = message(message_id=long, references=tuple(f"<{'b' * 150}{n}@x.example>" for n in range(30)))
    content = built(mail).content
    assert long.encode() in content
    assert b"=?" not in content
    assert read(built(mail))["In-Reply-To"] == long


@pytest.mark.parametrize(
    "bad", ["one@x.example", "<a b@x.example>", "<a\r\nBcc: v@x.example>", f"<{'x' * 2000}@y>", "<ü@x>"]
)
def test_an_identifier_that_is_none_is_left_out(bad: str) -> None:
    mail = read(built(message(message_id=bad, references=(bad,))))
    assert mail["In-Reply-To"] is None
    assert "Bcc" not in mail


ATTACKS = (
    "hi\r\nBcc: victim@example.org",
    "=?utf-8?q?hi=0D=0ABcc=3A_victim=40example.org?=",
    "=?utf-8?b?aGkNCkJjYzogdmljdGltQGV4YW1wbGUub3Jn?=",
    "hi\u2028Bcc: victim@example.org",
    "hi\x0bBcc: victim@example.org\x85Cc: b@example.org",
    "lone \ud800 surrogate \x00 nul",
    "\u202egnp.exe \x1b]0;pwn\x07",
    "s" * 100_000,
    '", <victim@example.org>, "',
    "a@evil.example <b@good.example>",
)


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_no_subject_or_name_can_inject_a_header_or_a_recipient(attack: str) -> None:
    draft = built(message(attack, subject=attack, name=attack))
    mail = read(draft)
    assert set(mail.keys()) <= HEADERS
    assert [address.addr_spec for address in mail["To"].addresses] == ["rhys@mailbox.example"]
    assert mail["Subject"].startswith("Re: ")
    assert str(mail["Subject"]).count("Re:") == 1
    assert len(mail["Subject"]) <= 310
    assert not any(control in str(mail["Subject"]) for control in "\x1b\x07\u202e\u2028\x00")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=40), st.text(max_size=120))
def test_whatever_a_mail_holds_its_draft_has_one_recipient_and_no_new_header(
    subject: str, name: str, text: str
) -> None:
    mail = read(built(message(text, subject=subject, name=name), text=f"Hello {name},\n{text}"))
    assert set(mail.keys()) <= HEADERS
    assert [address.addr_spec for address in mail["To"].addresses] == ["rhys@mailbox.example"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "jürgen@mailbox.example",
        "a b@mailbox.example",
        "a@b@mailbox.example",
        ".a@mailbox.example",
        "a..b@mailbox.example",
        '"a"@mailbox.example',
        "a@mailbox.example\r\nBcc: v@example.org",
        "=?utf-8?q?a?=@mailbox.example",
        "a@-",
        f"{'a' * 70}@mailbox.example",
    ],
)
def test_an_address_that_cannot_be_replied_to_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="address to reply to"):
        built(message(address=address))


def test_a_message_without_requester_is_refused() -> None:
    with pytest.raises(ValueError, match="nobody"):
        built(replace(message(), requester=None))


def test_an_international_domain_is_written_in_its_ascii_form() -> None:
    assert "xn--mnchen-3ya.example" in read(built(message(address="info1@münchen.example")))["To"]


def test_marker_and_message_id_are_deterministic_opaque_and_different() -> None:
    first = marker(key=KEY, fingerprint="f0", kind="fault", generation=1)
    others = [
        marker(key=b"x", fingerprint="f0", kind="fault", generation=1),
        marker(key=KEY, fingerprint="f1", kind="fault", generation=1),
        marker(key=KEY, fingerprint="f0", kind="delay", generation=1),
        marker(key=KEY, fingerprint="f0", kind="fault", generation=2),
    ]
    assert first == marker(key=KEY, fingerprint="f0", kind="fault", generation=1)
    assert len({first, *others}) == 5
    made = draft_message_id(key=KEY, fingerprint="f0", kind="fault", generation=1, domain="x.example")
    assert made.endswith("@x.example>")
    assert first not in made
    assert draft_message_id(key=KEY, fingerprint="f0", kind="fault", generation=1, domain="x.example") == made


def test_a_domain_that_is_none_makes_no_message_id() -> None:
    with pytest.raises(ValueError, match="no domain"):
        draft_message_id(
            key=KEY, fingerprint="f", kind="fault", generation=1, domain="x.example>\r\nBcc: a@b"
        )


def test_a_composed_reply_survives_the_way_into_a_mail() -> None:
    text = compose(
        Plan(kind="question", language="en", matters=("one thing — here", "another")), settings=SETTINGS
    )
    assert "- “one thing — here”" in body(built(message(), text))
