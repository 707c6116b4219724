"""Mails as customers, robots and colleagues send them, for the end-to-end tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime

OURS = "support@ours.example"

QUESTION = (
    "Hello,\n\ncould you tell me which size of filter fits the model 300? Mine is worn.\n\nKind regards"
)
FURIOUS = (
    "This is the third time I write and nobody has answered. I am furious, this is a disgrace. If I do not"
    " hear from a manager today I will take you to court and my solicitor will file the claim.\n\n"
    "Call me on +44 20 7946 0018."
)
DANGER = "I cannot go on. I have nothing left because of this and I am going to kill myself tonight."


def mail(
    text: str = QUESTION,
    *,
    sender: str = "Anna Example <anna@customer.example>",
    subject: str = "A question",
    to: str = f"Support <{OURS}>",
    id: str = "",
    answers: str = "",
    headers: Mapping[str, str] | None = None,
    html: bool = False,
) -> bytes:
    """One mail. `id` and `answers` are Message-IDs without angle brackets ("" leaves the header out)."""
    head = {
        "From": sender,
        "To": to,
        "Subject": subject,
        "Date": format_datetime(datetime.now(UTC)),
        "MIME-Version": "1.0",
        "Content-Type": f"text/{'html' if html else 'plain'}; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
    }
    if id:
        head["Message-ID"] = f"<{id}>"
    if answers:
        head["In-Reply-To"] = head["References"] = f"<{answers}>"
    lines = [f"{name}: {value}" for name, value in (head | dict(headers or {})).items()]
    return "\r\n".join([*lines, "", *text.splitlines(), ""]).encode()


_MATTERS = (
    ("Which filter?", QUESTION),
    ("Invoice copy", "Good morning,\n\ncould you send me a copy of the invoice for order 4471? Thank you."),
    ("Late parcel", "My parcel should have come on Monday and it is Thursday now. Where is it, please?"),
    ("Opening hours", "Are you open on Saturday afternoon? I would like to bring the lamp in."),
    ("Very disappointed", "I am very disappointed. The chair arrived scratched and nobody rang me back."),
    ("Third and last time", FURIOUS),
    (
        "Cancelling",
        "I want to cancel my contract, this is the second time the router died. I am leaving you.",
    ),
)

AUTOMATED: dict[str, bytes] = {
    "bounce": mail(
        "Your message could not be delivered.",
        sender="Mail Delivery System <MAILER-DAEMON@mx.robots.example>",
        subject="Undelivered Mail Returned to Sender",
        id="bounce@robots.example",
        headers={"Return-Path": "<>", "Auto-Submitted": "auto-replied"},
    ),
    "null sender": mail(
        "See below.",
        sender="System <system@null.robots.example>",
        id="null@robots.example",
        headers={"Return-Path": "<>"},
    ),
    "out of office": mail(
        "I am out of the office until Monday and will answer your mail when I am back.",
        sender="Olga <olga@away.robots.example>",
        subject="Automatic reply: your order",
        id="ooo@robots.example",
        headers={"Auto-Submitted": "auto-replied"},
    ),
    "autoreply header": mail(
        "Thank you for your message.",
        sender="Desk <desk@desk.robots.example>",
        id="xar@robots.example",
        headers={"X-Autoreply": "yes"},
    ),
    "calendar reply": mail(
        "BEGIN:VCALENDAR",
        sender="Carl <carl@calendar.robots.example>",
        subject="Accepted: visit",
        id="cal@robots.example",
        headers={"Content-Type": "text/calendar; method=REPLY; charset=utf-8"},
    ),
    "mailing list": mail(
        "Dear members, the next meeting is in May.",
        sender="Club <club@club.robots.example>",
        id="list@robots.example",
        headers={"List-Id": "<members.club.robots.example>"},
    ),
    "newsletter": mail(
        "Our autumn prices.",
        sender="Shop <news@shop.robots.example>",
        id="news@robots.example",
        headers={"List-Unsubscribe": "<mailto:out@shop.robots.example>"},
    ),
    "bulk": mail(
        "To all our customers.",
        sender="Bank <info@bank.robots.example>",
        id="bulk@robots.example",
        headers={"Precedence": "bulk"},
    ),
    "no-reply": mail(
        "Your parcel is on its way.", sender="Post <no-reply@post.robots.example>", id="nr@robots.example"
    ),
    "daemon": mail("Cron output.", sender="owner-list@daemon.robots.example", id="daemon@robots.example"),
    "our own": mail("Note to self.", sender=f"Support <{OURS}>", id="own@ours.example"),
    "our draft": mail(
        "Thank you for your mail.",
        sender="Other <other@desk2.robots.example>",
        id="marked@robots.example",
        headers={"X-Triage-Marker": "abc"},
    ),
    "delivery report": mail(
        "Failed.",
        sender="Postmaster <postmaster@mx2.robots.example>",
        id="dsn@robots.example",
        headers={"X-Failed-Recipients": "nobody@customer.example"},
    ),
    "asks for silence": mail(
        QUESTION,
        sender="Tool <tool@tool.robots.example>",
        id="sup@robots.example",
        headers={"X-Auto-Response-Suppress": "All"},
    ),
}
"""Mails that no person wrote, or that must not be answered by a machine, one a ground."""


def crowd(number: int) -> list[bytes]:
    """`number` mails of as many requesters about ordinary and less ordinary matters."""
    return [
        mail(
            _MATTERS[n % len(_MATTERS)][1] + f"\n\nPerson {n}",
            sender=f"Person {n} <person{n}@customer{n % 9}.example>",
            subject=f"{_MATTERS[n % len(_MATTERS)][0]} ({n})",
            id=f"crowd-{n}@customer.example",
            html=n % 11 == 5,
        )
        for n in range(number)
    ]
