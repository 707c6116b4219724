"""A surge of like mails is noticed against what people write on ordinary days."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from triage import incidents

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
USUAL = [
    f"{row['subject']}\n{row['body']}"
    for row in map(
        json.loads, Path("training/inbox-own.jsonl").read_text(encoding="utf-8").splitlines()[:150]
    )
]
DOWN = (
    "the booking calendar shows nothing but a white page since this morning",
    "Your booking calendar is a white page for all of us this morning. Customers are waiting.",
    "White page instead of the booking calendar, and my salon opens in an hour",
    "Is the booking calendar broken? Only a white page since eight this morning.",
    "We cannot see any appointment: the booking calendar stays a white page.",
    "booking calendar = white page. Please hurry, customers stand at the door this morning",
    "The calendar for booking is gone, there is just a white page. It began this morning.",
    "Hello, this morning the booking calendar opens as a white page on every computer we have.",
)


def mails(texts: list[str] | tuple[str, ...], start: int = 1) -> list[incidents.Mail]:
    return [
        incidents.Mail(
            id=start + n,
            requester=f"p{start + n}@example.org",
            received=NOW - timedelta(minutes=5 * n),
            subject="",
            text=text,
        )
        for n, text in enumerate(texts)
    ]


def test_many_people_with_one_trouble_are_one_surge_and_later_mails_belong_to_it() -> None:
    day = [*mails(DOWN), *mails(USUAL[120:150], start=100)]
    (surge,) = incidents.find(day, now=NOW, usual=USUAL[:120])
    assert {1, 2, 3, 4, 5, 6, 7, 8} <= set(surge.mails)
    assert surge.requesters >= 8
    assert incidents.belongs(surge.terms, "", "All my staff see a white page in the booking calendar.")
    assert not any(incidents.belongs(surge.terms, "", text) for text in USUAL[:120])


def test_an_ordinary_day_is_no_surge_nor_is_one_person_who_writes_often() -> None:
    assert incidents.find(mails(USUAL[100:150]), now=NOW, usual=USUAL[:100]) == []
    once = mails(DOWN)[0]
    same = [incidents.Mail(**{**{f: getattr(once, f) for f in once.__slots__}, "id": n}) for n in range(20)]
    assert incidents.find(same, now=NOW, usual=USUAL) == []


def test_a_rush_is_far_more_people_than_on_any_day_before_at_this_hour() -> None:
    usual = [4, 7, 5, 0, 0, 6, 5]
    assert incidents.is_rush(16, usual)
    assert not incidents.is_rush(15, usual), "too few to be a rush at all"
    assert not incidents.is_rush(40, [30, 20, 10]), "busy, but hardly more than before"
    assert not incidents.is_rush(20, [21, 0, 0, 0, 0, 0]), "it has been so before"
    assert not incidents.is_rush(50, []), "a new mailbox knows no usual days"
