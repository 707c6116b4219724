from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from email.utils import parsedate_to_datetime

import pytest

from triage.demo import samples
from triage.demo.server import StoredMail
from triage.intake.parse import parse
from triage.types import Identity, Message, MessageRef, RawMessage

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
BOXES = samples.accounts(NOW)
MAILS = [
    pytest.param(mail, username, id=str(message_from_bytes(mail.content, policy=default)["Message-ID"]))
    for username, mailboxes in BOXES.items()
    for mails in mailboxes.values()
    for mail in mails
]


@pytest.mark.parametrize(("mail", "username"), MAILS)
def test_every_sample_is_a_mail_that_came_before_now(mail: StoredMail, username: str) -> None:
    date = parsedate_to_datetime(message_from_bytes(mail.content)["Date"])

    assert date == mail.internal_date < NOW
    assert b"{{" not in mail.content
    assert b"\n" not in mail.content.replace(b"\r\n", b"")
    parsed = parse(
        RawMessage(
            ref=MessageRef(account="demo", mailbox="INBOX", uid=1),
            content=mail.content,
            size=len(mail.content),
            internal_date=mail.internal_date,
        ),
        identity=Identity(addresses=frozenset({username})),
        now=NOW,
    )
    assert isinstance(parsed, Message)
    assert parsed.message_id
    assert parsed.new_text.strip()


@pytest.mark.parametrize(("mail", "username"), MAILS)
def test_no_sample_names_a_real_domain_or_number(mail: StoredMail, username: str) -> None:
    text = mail.content.decode("utf-8")
    domains = set(re.findall(r"[\w.+-]+@([\w.-]+)", text)) | set(re.findall(r"https?://([\w.-]+)", text))

    assert all(domain.endswith(".example") for domain in domains), domains
    numbers = re.findall(r"(?:\+44 |\b0)(?:20|7\d{3}) [\d ]{7,9}|\(?202\)? \d{3}-?\s?\d{4}", text)
    fictional = re.compile(r"(?:\+44 |0)(?:20 7946 0\d{3}|7700 900 \d{3})|\(?202\)? 555[- ]01\d\d")
    assert all(fictional.fullmatch(number.strip()) for number in numbers), numbers


def test_each_inbox_is_in_the_order_of_arrival_and_drafts_are_empty() -> None:
    assert len(BOXES) >= 2
    for mailboxes in BOXES.values():
        arrivals = [mail.internal_date for mail in mailboxes[samples.INBOX]]
        assert arrivals
        assert arrivals == sorted(arrivals)
        assert mailboxes[samples.DRAFTS] == []


def test_a_mail_is_flagged_answered_exactly_if_sent_holds_its_answer() -> None:
    for mailboxes in BOXES.values():
        answers = {str(message_from_bytes(mail.content)["In-Reply-To"]) for mail in mailboxes[samples.SENT]}
        flagged = {
            str(message_from_bytes(mail.content)["Message-ID"])
            for mail in mailboxes[samples.INBOX]
            if "\\Answered" in mail.flags
        }
        assert flagged == answers - {"None"}


def test_one_sample_is_older_than_the_first_runs_start_line() -> None:
    ages = [NOW - mail.internal_date for boxes in BOXES.values() for mail in boxes[samples.INBOX]]

    assert max(ages) > timedelta(days=14)
    assert sum(age < timedelta(days=7) for age in ages) >= 30


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Date: {{minus:2h5m}}", "Date: Wed, 04 Mar 2026 12:55:00 +0000"),
        ("{{minus:3d}}", "Sun, 01 Mar 2026 15:00:00 +0000"),
        ("On {{minus:1d1h:%d/%m/%Y %H:%M}}, we wrote:", "On 03/03/2026 14:00, we wrote:"),
        ("nothing {{else}}", "nothing {{else}}"),
    ],
)
def test_dates_are_filled_in_as_of_now(written: str, read: str) -> None:
    assert samples.dated(written, NOW) == read
