"""The call brief shows on one screen what the records say, and nothing else."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from triage.calls.brief import (
    Brief,
    BriefAnswer,
    BriefEvent,
    BriefMail,
    BriefPhone,
    BriefPromise,
    brief,
    render,
)
from triage.types import Address, Cue, Emotion, Flag, Reason, Ticket

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
REASONS = (
    Reason(cue="wants_call", evidence="I want this person to ring me.", points=30),
    Reason(cue="sentiment", evidence="Nobody ever came.", points=12),
    Reason(cue="repeated_contact", evidence="I have now written four times.", points=9),
)
TICKET = Ticket(
    id=12,
    account="main",
    requester=Address(address="farida@mailbox.example", name="Farida Rahimi"),
    score=93.4,
    received=NOW - 3 * DAY,
    subject="Re: Hot water, job 30871",
    reasons=REASONS,
)
MAIL = BriefMail(
    received=NOW - 3 * DAY,
    subject="Re: Hot water, job 30871",
    new_text="1. no hot water\n2. two jobs were closed\n3. nobody rings",
    key_sentence="I want one person who is responsible for this.",
    emotion=Emotion.ANGRY,
    score=93,
)
PHONE = BriefPhone(shown="+61 491 570 110", found_in="signature", time_zone="Australia/Perth", may_call=True)


def full(ticket: Ticket = TICKET) -> Brief:
    return brief(
        ticket=ticket,
        mails=[MAIL],
        phone=PHONE,
        answers=[BriefAnswer(at=NOW - 2 * DAY, holding=True, text="A person will go through all of it.")],
        promises=[BriefPromise(what="a reply within one business day", due=NOW - DAY, state="broken")],
        events=[BriefEvent(at=NOW - timedelta(hours=3), what="no_answer", who="ana", note="rang out")],
        concessions=["one month free"],
        now=NOW,
    )


def bare(ticket: Ticket = TICKET, phone: BriefPhone | None = None, mail: BriefMail | None = None) -> Brief:
    return brief(ticket=ticket, mails=[mail] if mail else [], phone=phone, now=NOW)


def test_the_screen_shows_who_how_they_feel_and_what_we_owe() -> None:
    text = render(full())
    for shown in (
        "Farida Rahimi <farida@mailbox.example>, ticket t12, score 93",
        "+61 491 570 110 (not verified, signature)",
        "Wed 25 Nov 17:00 (Australia/Perth): may be called now",
        "angry",
        "asks for a call: “I want this person to ring me.”",
        "3 days, 1 mail since Sun 22 Nov",
        "called, no answer, ana: rang out",
        "broken, was due Tue 24 Nov 09:00 (UTC): a reply",
        "“I want one person who is responsible for this.”",
        "Mon 23 Nov, holding reply: A person will go through all of it.",
        "I am calling about “Hot water, job 30871”",
        "this has been deeply frustrating",
        "tell me more",
        "[ ] two jobs were closed",
        "after the apology: one month free",
        "no “but”",
    ):
        assert shown in " ".join(text.split()), shown


def test_wishes_and_danger_come_first() -> None:
    danger = Reason(cue="safety_harm", evidence="The switch is buzzing when I touch it.", points=40)
    ticket = replace(TICKET, tier=0, flags=frozenset({Flag.NO_VOICEMAIL, Flag.RELAY}), reasons=(danger,))
    lines = render(full(ticket)).splitlines()
    assert lines[0] == "!! DANGER  The switch is buzzing when I touch it."
    assert lines[1].startswith("!! Wishes")
    assert "leave no voicemail" in lines[1]
    assert "relay" in lines[1]
    assert brief(ticket=ticket, mails=[MAIL], now=NOW).questions[0] == "Is everybody safe now?"


def test_an_unsafe_contact_is_the_first_wish() -> None:
    ticket = replace(TICKET, flags=frozenset({Flag.NO_CALL, Flag.UNSAFE}))
    assert full(ticket).wishes[0].startswith("NOT SAFE TO CONTACT")


def test_every_flag_emotion_and_cue_has_its_words() -> None:
    ticket = replace(TICKET, flags=frozenset(Flag))
    assert len(bare(ticket).wishes) == len(Flag)
    for emotion in Emotion:
        assert bare(mail=replace(MAIL, emotion=emotion)).feeling
    every = tuple(Reason(cue=cue, evidence="", points=1) for cue in Cue)
    assert len(bare(replace(TICKET, reasons=every)).grounds) == len(Cue)


def test_a_ground_is_shown_once_and_tone_is_none() -> None:
    made = brief(ticket=TICKET, mails=[replace(MAIL, reasons=REASONS)], now=NOW)
    assert [ground.name for ground in made.grounds] == ["asks for a call", "has asked before"]


def test_what_else_raised_the_score_is_a_ground_after_the_cues() -> None:
    reasons = (
        Reason(cue="dealings", evidence="Your colleague said Friday.", points=40),
        Reason(cue="context_waiting", evidence="3 unanswered", points=0.4),
        Reason(cue="abuse", evidence="You clowns.", points=0),
        *REASONS,
    )
    made = brief(ticket=replace(TICKET, reasons=reasons), mails=[MAIL], now=NOW)
    assert [ground.name for ground in made.grounds] == [
        "asks for a call",
        "has asked before",
        "harsh words",
        "speaks of earlier dealings with us",
    ]
    assert any("insults" in advice for advice in made.not_to_say)


def test_without_a_number_it_says_so_and_asks_for_one() -> None:
    made = bare()
    assert "none known" in made.phone
    assert "Which number and time suit you best?" in made.questions
    assert "There now" not in render(made)


def test_an_obstacle_or_the_hour_forbids_the_call_in_words() -> None:
    premium = replace(PHONE, may_call=False, obstacle="a premium-rate number")
    assert bare(phone=premium).calling == "not now: a premium-rate number"
    later = replace(PHONE, may_call=False, not_before=NOW + timedelta(hours=16))
    assert bare(phone=later).calling == "not before Thu 26 Nov 09:00"
    assert bare(phone=replace(PHONE, may_call=False)).calling == "not now"


def test_an_unknown_time_zone_leaves_the_local_time_out() -> None:
    assert bare(phone=replace(PHONE, time_zone="Nowhere/City")).local_time == ""
    assert bare(phone=replace(PHONE, time_zone="../etc/passwd")).local_time == ""


def test_our_own_times_are_in_the_teams_time_zone() -> None:
    here = NOW.astimezone(ZoneInfo("Europe/London"))
    made = brief(
        ticket=TICKET, mails=[MAIL], promises=[BriefPromise(what="a reply", due=NOW - 180 * DAY)], now=here
    )
    assert made.promises == ("due Fri 29 May 10:00: a reply",)


def test_only_configured_concessions_are_offered() -> None:
    assert bare().concessions == ()
    assert "nothing is configured" in render(bare())


def test_a_death_is_met_with_condolence_and_no_bargaining() -> None:
    lost = Reason(cue="vulnerable_bereaved", evidence="My husband passed away.", points=40)
    made = bare(replace(TICKET, flags=frozenset({Flag.DEATH_NOTICE}), reasons=(lost,)))
    assert "I am sorry for your loss." in made.opening
    assert not any("make this right" in question for question in made.questions)
    assert made.not_to_say[0].startswith("nothing on blame, money or law")


def test_nobody_has_to_read_an_insult_out() -> None:
    abuse = Reason(cue="abuse", evidence="You are thieves.", points=0)
    made = bare(replace(TICKET, reasons=(abuse,)), mail=replace(MAIL, subject="You are thieves"))
    assert "thieves" not in made.opening


def test_pieces_are_each_mails_key_sentence_where_no_list_was_written() -> None:
    mails = [
        replace(MAIL, new_text="It broke.", key_sentence="It broke."),
        replace(MAIL, new_text="It broke again.", key_sentence="It broke again.", received=NOW - DAY),
    ]
    assert brief(ticket=TICKET, mails=mails, now=NOW).pieces == ("It broke again.", "It broke.")


def test_a_case_without_mails_still_has_a_brief() -> None:
    text = render(bare())
    assert "read the mail: no sentence stands out" in text
    assert "nothing on record" in text
    assert "no person has answered yet" in text


def test_it_is_plain_json() -> None:
    made = json.loads(json.dumps(asdict(full())))
    assert made["waiting_seconds"] == 3 * 86_400
    assert made["grounds"][0] == {"name": "asks for a call", "evidence": "I want this person to ring me."}


@pytest.mark.parametrize("filler", ["word " * 300, "x" * 3000, "\x1b[2J\r\u202e" * 100, "{{ 7*7 }} " * 60])
def test_however_long_the_case_it_fits_one_screen(filler: str) -> None:
    every = tuple(Reason(cue=cue, evidence=filler, points=1) for cue in Cue)
    ticket = replace(
        TICKET,
        tier=0,
        flags=frozenset(Flag),
        reasons=every,
        requester=Address(address="a@mailbox.example", name=filler),
    )
    made = brief(
        ticket=ticket,
        mails=[replace(MAIL, subject=filler, key_sentence=filler, new_text=f"- {filler}\n" * 9)] * 30,
        phone=replace(PHONE, may_call=False, obstacle=filler, shown=filler, found_in=filler),
        answers=[BriefAnswer(at=NOW, text=filler)] * 9,
        promises=[BriefPromise(what=filler, due=NOW)] * 9,
        events=[BriefEvent(at=NOW, what="note", who=filler, note=filler)] * 9,
        concessions=[filler] * 9,
        now=NOW,
    )
    lines = render(made).splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 80
    assert all(line.isprintable() for line in lines)


def test_the_screens_spare_lines_show_a_whole_sentence_instead_of_its_beginning() -> None:
    told = "I have rung you on Monday, on Tuesday and twice today, and each time I was cut off after an hour."
    ticket = replace(TICKET, reasons=(Reason(cue=Cue.REPEATED_CONTACT, evidence=told, points=9),))
    text = render(brief(ticket=ticket, mails=[replace(MAIL, key_sentence="")], now=NOW))
    assert told in " ".join(text.split())


def test_the_wording_is_no_ground_beside_a_sign_in_the_same_sentence() -> None:
    same = (
        Reason(cue="wording", evidence="I rang.", points=9),
        Reason(cue=Cue.WANTS_CALL, evidence="I rang.", points=5),
    )
    made = brief(ticket=replace(TICKET, reasons=same), mails=[], now=NOW)
    assert [ground.name for ground in made.grounds] == ["asks for a call"]
