"""Two weeks of holding replies over Dovecot: sent, edited, deleted, ignored, answered; promises to their end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from e2e.clockwork import Clockwork
from e2e.mails import QUESTION
from servers.dovecot import Desk

pytestmark = pytest.mark.dovecot

MONDAY = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)
SETTINGS = """
[team]
timezone = "Europe/London"
hours = "09:00-17:30"
holidays = "GB-ENG"
closed = ["2026-02-06"]

[calling]
hours = "09:00-20:00"
follow_up = ""
"""
PEOPLE = ("asis", "edited", "deleted", "ignored", "replaced", "byhand", "late", "rung", "solved", "again")
ANSWER = "Hello,\n\nthe filter that fits is number seven, and every shop of ours has it.\n\nBea"


@pytest.fixture
def team(dovecot: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clockwork]:
    home = tmp_path / "home"
    home.mkdir()
    clock = Clockwork(dovecot, home, monkeypatch, MONDAY)
    clock.configure(SETTINGS)
    yield clock
    assert clock.triage("verify", "--json").exit == 0


def lying(team: Clockwork, who: str) -> Message:
    (draft,) = [d for d in team.drafts_on_server() if f"{who}@c.example" in str(d["To"])]
    return draft


def promises(team: Clockwork) -> dict[str, dict[str, Any]]:
    found = team.triage("promises", "list", "--all", "--json").data
    return {p["requester"]["address"].partition("@")[0]: p for p in found}


def due(team: Clockwork, who: str) -> datetime:
    return datetime.fromisoformat(promises(team)[who]["due"])


def states(team: Clockwork) -> dict[str, str]:
    return {who: promise["status"] for who, promise in promises(team).items()}


def drafts(team: Clockwork) -> dict[str, str]:
    every = [(d["requester"]["address"].partition("@")[0], d["status"]) for d in team.drafts()]
    assert max(Counter(who for who, _ in every).values()) == 1, "nothing is drafted twice"
    return dict(every)


def test_a_fortnight(team: Clockwork) -> None:
    for who in PEOPLE:
        team.comes(f"{QUESTION}\n\n{who.title()}", f"{who.title()} <{who}@c.example>", id=f"{who}@c.example")
    assert team.run()["appended"] == len(PEOPLE)
    assert set(states(team).values()) == {"unsent"}
    assert all(p["due"] is None for p in promises(team).values())

    # Monday: some are sent as they are, one is edited, one replaced, one thrown away, one answered beside it.
    team.passes(hours=1)
    for who in ("asis", "late", "rung", "solved"):
        team.sends(lying(team, who))
    edited = str(lying(team, "edited").get_content()).replace("Thank you", "Many thanks")  # type: ignore[attr-defined]
    team.sends(lying(team, "edited"), text=edited)
    team.sends(lying(team, "replaced"), text=ANSWER)
    team.discards(lying(team, "deleted"))
    team.answers(ANSWER, "Byhand <byhand@c.example>", answers="byhand@c.example")
    team.comes("And does it fit the model 200, too?", "Again <again@c.example>", id="again2@c.example",
               answers="again@c.example")  # fmt: skip
    run = team.run()
    assert (run["drafted"], run["appended"]) == (0, 0)
    assert drafts(team) | {"deleted": ""} == {
        "asis": "sent",
        "edited": "sent",
        "late": "sent",
        "rung": "sent",
        "solved": "sent",
        "replaced": "answered",
        "byhand": "answered",
        "ignored": "stored",
        "again": "stored",
        "deleted": "",
    }
    assert states(team) == {
        "asis": "open",
        "edited": "open",
        "late": "open",
        "rung": "open",
        "solved": "open",
        "replaced": "moot",
        "byhand": "moot",
        "ignored": "unsent",
        "again": "unsent",
        "deleted": "unsent",
    }
    sent = MONDAY + timedelta(hours=1)
    assert due(team, "asis") == sent + timedelta(days=1)
    stale = [d for d in team.triage("drafts", "list").stdout.splitlines() if "stale" in d]
    assert len(stale) == 1
    assert "Again" in stale[0]

    # Tuesday: one is answered in time, one is rung, one writes that it is solved. One is forgotten.
    team.passes(hours=22)
    team.answers(ANSWER, "Asis <asis@c.example>", answers="asis@c.example")
    team.triage("calls", "add", "rung@c.example", "--phone", "+44 20 7946 0018", "--as", "ada")
    assert team.triage("calls", "done", "t1", "--as", "ada", "--note", "told her which one").exit == 0
    team.comes("Thank you, I found it, it works now.", "Solved <solved@c.example>", id="solved2@c.example",
               answers="solved@c.example")  # fmt: skip
    team.run()
    told = states(team)
    assert (told["asis"], told["rung"], told["solved"], told["late"]) == ("kept", "kept", "moot", "open")
    assert drafts(team)["deleted"] == "discarded"
    assert told["deleted"] == "moot"
    assert team.by_subject()["A question"]["disposition"] is not None

    # Tuesday afternoon: two promises are over. Cron shouts once, and the check fails until they are kept.
    team.passes(hours=3)
    shouted = team.triage("run")
    assert shouted.exit == 0
    assert shouted.stderr.count("was not kept") == 2
    assert "was not kept" not in team.triage("run").stderr
    assert (states(team)["late"], states(team)["edited"]) == ("broken", "broken")
    assert team.triage("promises", "list", "--check").exit == 1
    for who in ("late", "edited"):
        team.answers(ANSWER, f"{who} <{who}@c.example>", answers=f"{who}@c.example")
    team.run()
    assert (states(team)["late"], states(team)["edited"]) == ("kept", "kept")
    assert team.triage("promises", "list", "--check").exit == 0

    # Thursday evening: the ignored draft is sent at last. Friday is closed, so Monday it is.
    team.now = datetime(2026, 2, 5, 16, 0, tzinfo=UTC)
    team.sends(lying(team, "ignored"))
    team.run()
    assert due(team, "ignored") == datetime(2026, 2, 9, 16, 0, tzinfo=UTC)
    team.now = datetime(2026, 2, 8, 12, 0, tzinfo=UTC)
    team.run()
    assert states(team)["ignored"] == "open"
    team.now = datetime(2026, 2, 9, 10, 0, tzinfo=UTC)
    team.answers(ANSWER, "Ignored <ignored@c.example>", answers="ignored@c.example")

    # The second Friday: new mail of a known requester gets a draft of its own; the old one still lies there.
    team.now = datetime(2026, 2, 13, 9, 0, tzinfo=UTC)
    team.comes(QUESTION, "Asis <asis@c.example>", subject="Another thing", id="another@c.example")
    run = team.run()
    assert run["appended"] == 1
    assert states(team)["ignored"] == "kept"
    every = Counter(d["requester"]["address"] for d in team.drafts())
    assert every.pop("asis@c.example") == 2
    assert set(every.values()) == {1}

    report = team.triage("report", "--since", "2026-02-01", "--json").data
    assert (run["unsent"], run["oldest_unsent"]) == (2, report["oldest_unsent"])
    assert report["drafts"] == {"sent": 6, "answered": 2, "discarded": 1, "stored": 2}
    assert report["unsent"] == 2
    assert report["edits"]["sent"] == 6
    assert report["edits"]["as_they_were"] == 5
    assert report["promises"] == {"kept": 5, "moot": 4}
    assert report["overdue"] == 0
    assert "the oldest for 11 d" in team.triage("report", "--since", "2026-02-01").stdout.replace(
        "11d", "11 d"
    )
