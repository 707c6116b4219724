"""A day at the desk: sixty mails, two agents and a program, by the command line alone."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from e2e.clockwork import Clockwork
from e2e.mails import AUTOMATED, QUESTION
from servers.dovecot import Desk

pytestmark = pytest.mark.dovecot

# A Tuesday; it has passed, as Dovecot lets no mail come from the future.
MORNING = datetime(2026, 2, 3, 9, 0, tzinfo=UTC)
SETTINGS = """
[team]
timezone = "Europe/London"
hours = "09:00-17:30"
holidays = "GB-ENG"

[calling]
hours = "09:00-20:00"
days = "mon-sat"
countries = ["GB", "DE", "US"]
max_attempts = 2
retry_after = ["2h"]
follow_up = "3 business days"

[routing]
calls_per_day = 12
"""
ANGER = (
    "This is the third time I write and nobody has answered. I am furious. If I do not hear from a manager"
    " today I am cancelling and leaving you for good."
)
GERMAN = (
    "Ich schreibe Ihnen jetzt zum dritten Mal und niemand antwortet. Ich bin stinksauer. Wenn mich heute kein"
    " Vorgesetzter anruft, kündige ich. Ich bin maßlos enttäuscht von Ihnen."
)
CALM = (
    QUESTION,
    "Good morning,\n\ncould you send me a copy of the invoice for order 4471? Thank you.\n\nKind regards",
    "Are you open on Saturday afternoon? I would like to bring the lamp in.\n\nMany thanks",
    "My parcel should have come on Monday. Where is it, please?\n\nRegards",
)


@pytest.fixture
def team(dovecot: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clockwork:
    home = tmp_path / "home"
    home.mkdir()
    clock = Clockwork(dovecot, home, monkeypatch, MORNING)
    clock.configure(SETTINGS, replies="announce_calls = 'late'\nlanguages = ['en', 'de']")
    return clock


def sixty_mails(team: Clockwork) -> None:
    """Eight with a number, six without, two in German, one from New York, two wishes, robots, the rest calm."""
    team.now = MORNING - timedelta(hours=2)
    for n in range(8):
        after = " Try me after 3 pm." if n == 7 else ""
        team.comes(f"{ANGER}\n\nCall me on +44 20 7946 {n:04}.{after}\n\nPat {n}", f"Pat {n} <pat{n}@phone.example>",
                   subject=f"Nobody answers ({n})", id=f"pat{n}@phone.example")  # fmt: skip
    for n in range(6):
        team.comes(f"{ANGER}\n\nKim {n}", f"Kim {n} <kim{n}@none.example>", subject=f"Third time ({n})",
                   id=f"kim{n}@none.example")  # fmt: skip
    for n in range(2):
        team.comes(f"{GERMAN}\n\nMeine Nummer: +49 30 2312500{n}\n\nUwe {n}", f"Uwe {n} <uwe{n}@telefon.example>",
                   subject=f"Niemand antwortet ({n})", id=f"uwe{n}@telefon.example")  # fmt: skip
    team.comes(f"{ANGER}\n\nCall me on +1 212 373 4253.\n\nLou", "Lou <lou@york.example>",
               subject="Nobody answers, New York", id="lou@york.example")  # fmt: skip
    for n in range(2):
        team.comes(f"{ANGER}\n\nDo not call me, I want everything in writing.\n\nRae {n}",
                   f"Rae {n} <rae{n}@writing.example>", subject=f"In writing ({n})",
                   id=f"rae{n}@writing.example")  # fmt: skip
    robots = list(AUTOMATED.values())
    team.desk.deliver(*robots, when=team.now)
    for n in range(60 - 19 - len(robots)):
        team.comes(f"{CALM[n % len(CALM)]}\n\nSky {n}", f"Sky {n} <sky{n}@calm.example>", subject=f"About {n}",
                   id=f"sky{n}@calm.example")  # fmt: skip
    team.now = MORNING


def work(team: Clockwork, who: str, turns: Counter[str]) -> str:
    """One agent takes the next case and does what its turn has in store; what became of it."""
    taken = team.triage("calls", "next", "--as", who, "--json")
    assert taken.exit == 0, taken
    if taken.data is None:
        return "nothing"
    ticket: dict[str, Any] = taken.data
    id, tell = ticket["id"], ["--as", who, "--claim", ticket["claim"], "--json"]
    if ticket["contact"] == "phone":
        zone = {"+1": 5, "+49": -1}.get(
            next((p for p in ("+1", "+49") if ticket["phone"].startswith(p)), ""), 0
        )
        local = (team.now - timedelta(hours=zone)).hour
        assert 9 <= local < 20, f"{id} was offered at {local} o'clock there"
        if ticket["requester"]["address"] == "pat7@phone.example":
            assert local >= 15, "they asked to be tried after three"
    plan = {
        "phone": (
            ("done", "--outcome", "resolved", "--note", "the parcel was found, she was glad of the call"),
            ("no-answer", "--note", "rang twelve times"),
            ("done", "--outcome", "agreed", "--note", "calm in the end", "--promise", "a refund of £40",
             "--within", "2 business days"),
            ("no-answer", "--voicemail"),
            ("done", "--outcome", "wrong_number"),
            ("snooze", "--for", "1h", "--note", "in a meeting"),
            ("release", "--note", "needs somebody who knows the contract"),
            ("done", "--outcome", "declined"),
        ),
        "look_up": (
            ("release", "--note", "no number to be found"),
            ("done", "--outcome", "answered_by_mail", "--note", "wrote to them myself"),
        ),
        "writing": (("done", "--outcome", "answered_by_mail", "--note", "answered point by point"),),
    }[ticket["contact"]]  # fmt: skip
    verb, *options = plan[turns[ticket["contact"]] % len(plan)]
    turns[ticket["contact"]] += 1
    done = team.triage("calls", verb, id, *options, *tell)
    assert done.exit == 0, done
    return f"{verb} {' '.join(options[:2])}"


def test_sixty_mails_two_agents_and_a_program(team: Clockwork) -> None:
    sixty_mails(team)
    first = team.run()
    assert first["seen"] == 60
    assert (first["ticketed"], first["left_alone"] + first["owed"]) == (19, len(AUTOMATED))

    did: Counter[str] = Counter()
    turns: Counter[str] = Counter()
    while team.now < MORNING + timedelta(hours=8):
        for who in ("ada", "ben", "robot"):
            did[work(team, who, turns)] += 1
        team.passes(minutes=15)
        for lying in team.drafts_on_server()[:6]:
            team.sends(lying)
        if team.now == MORNING + timedelta(hours=1):
            # Some of those who were asked for a number give one, one writes again, one is content.
            asked = {d["requester"]["address"]: d for d in team.drafts() if d["kind"] == "ask_number"}
            for n, (address, draft) in enumerate(sorted(asked.items())):
                if n % 2 == 0:
                    team.comes(f"My number is +44 20 7946 05{n:02}, any time.", address, subject="Re: Third time",
                               id=f"number{n}@none.example", answers=draft["message_id"].strip("<>"))  # fmt: skip
            team.comes(
                "And another thing: you charged me twice.", "pat1@phone.example", id="again@phone.example"
            )
            team.comes("Thank you, it is solved now.", "sky1@calm.example", id="solved@calm.example",
                       answers="sky1@calm.example")  # fmt: skip
        team.run()

    verified = team.triage("verify", "--json")
    assert verified.exit == 0, verified.stdout
    tickets = {t["id"]: t for t in team.tickets()}
    mails = team.messages()
    assert {m["ticket"] for m in mails if m["ticket"]} <= set(tickets)
    assert not [m for m in mails if m["disposition"] is None]
    assert did.total() > 60
    for happened in ("done --outcome resolved", "no-answer --note rang twelve times", "done --outcome agreed",
                     "done --outcome wrong_number", "done --outcome declined"):  # fmt: skip
        assert did[happened], (happened, did)

    answered = [
        t for t in tickets.values() if t["requester"]["address"].endswith("none.example") and t["phone"]
    ]
    assert answered, "who answered with a number can be phoned"
    kinds = Counter(d["kind"] for d in team.drafts())
    assert kinds["confirmation"] == did["done --outcome agreed"]
    promises = team.triage("promises", "list", "--all", "--json").data
    assert sum("refund" in p["text"] for p in promises) == did["done --outcome agreed"]
    (settled,) = [p for p in promises if p["requester"]["address"] == "sky1@calm.example"]
    assert settled["status"] == "moot"

    for id, ticket in tickets.items():
        story = team.triage("calls", "history", id, "--json").data
        assert story[0]["event"] == "opened"
        times = [event["at"] for event in story]
        assert times == sorted(times)
        last = {"resolved": {"done"}}.get(ticket["status"])
        told = [e["event"] for e in story if e["event"] in ("done", "reopened")]
        assert last is None or told[-1] in last
