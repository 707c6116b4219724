"""Each rule of routing, alone and against the others."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from triage.routing import LEFT_ALONE, OWED, Policy, Standing, decide
from triage.types import (
    Address,
    Assessment,
    Automated,
    Cue,
    Disposition,
    Flag,
    Hit,
    Message,
    MessageRef,
    Verdict,
)

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ANNA = Address(address="anna@example.org")


def mail(**changes: object) -> Message:
    fields: dict[str, object] = {
        "ref": MessageRef(account="support", mailbox="INBOX", uid=1),
        "requester": ANNA,
        "received": NOW,
    }
    return Message(**{**fields, **changes})  # type: ignore[arg-type] # keywords by name, for brevity


def assessed(verdict: Verdict = Verdict.REPLY, **changes: object) -> Assessment:
    score = {Verdict.CALL: 80.0, Verdict.REPLY: 30.0, Verdict.NONE: 1.0}[verdict]
    fields: dict[str, object] = {"score": score, "verdict": verdict, "base": 20.0, "language": "en"}
    return Assessment(**{**fields, **changes})  # type: ignore[arg-type] # keywords by name, for brevity


CALL = assessed(Verdict.CALL)
DANGER = assessed(Verdict.CALL, floor=True)
MACHINE = assessed(Verdict.NONE, automated=Automated(ground="bulk", detail="Precedence: bulk"))
SUPPRESSES = Automated(ground="suppresses_auto_response", detail="X-Auto-Response-Suppress: All")


def route(
    assessment: Assessment,
    standing: Standing | None = None,
    policy: Policy | None = None,
    **mail_changes: object,
) -> tuple[str, str, str]:
    decision = decide(mail(**mail_changes), assessment, standing or Standing(), policy or Policy())
    assert decision.why, "every decision says why"
    assert decision.ticket is (decision.disposition is Disposition.TICKETED)
    return decision.disposition.value, decision.ground, decision.draft


def test_an_ordinary_mail_gets_a_holding_reply() -> None:
    assert route(assessed()) == ("drafted", "reply", "reply")


def test_a_serious_one_gets_a_ticket_and_no_draft_while_today_has_room() -> None:
    assert route(CALL, Standing(number_known=True)) == ("ticketed", "call", "")


def test_beyond_todays_capacity_the_ticket_exists_all_the_same_and_a_draft_says_so() -> None:
    assert route(CALL, Standing(late=True, number_known=True)) == ("ticketed", "call", "call")


@pytest.mark.parametrize(
    ("announce", "late", "draft"),
    [("never", True, ""), ("always", True, "call"), ("always", False, "call"), ("late", False, "")],
)
def test_announcing_calls_is_the_teams_choice(announce: str, late: bool, draft: str) -> None:
    standing = Standing(late=late, number_known=True)
    assert route(CALL, standing, Policy(announce_calls=announce))[2] == draft


@pytest.mark.parametrize(
    ("announce", "draft"), [("never", ""), ("late", "ask_number"), ("always", "ask_number")]
)
def test_where_no_number_is_known_a_draft_asks_for_one(announce: str, draft: str) -> None:
    assert route(CALL, Standing(), Policy(announce_calls=announce))[2] == draft
    writing = Standing(wishes=frozenset({Flag.NO_CALL}))
    assert route(CALL, writing, Policy(announce_calls=announce))[2] == (
        "call" if announce == "always" else ""
    )


def in_incident(assessment: Assessment = CALL, **more: object) -> tuple[str, str, str]:
    return route(assessment, Standing(incident=3, **more))  # type: ignore[arg-type]


def test_in_an_incident_everybody_gets_the_teams_words_and_nobody_a_call_of_their_own() -> None:
    assert in_incident() == ("ticketed", "incident", "incident")
    assert in_incident(assessed()) == ("drafted", "incident", "incident")
    assert in_incident(assessed(), drafts_today=1)[:2] == ("owed", "cap")
    assert in_incident(assessed(), unsent_draft=4)[:2] == ("left_alone", "covered")


def test_what_is_settled_or_waits_for_nobody_is_no_part_of_an_incident() -> None:
    assert in_incident(assessed(solved=True))[:2] == ("left_alone", "solved")
    assert in_incident(assessed(Verdict.NONE))[:2] == ("owed", "nobody_waits")


def test_danger_vulnerable_people_and_vips_are_called_in_an_incident_too() -> None:
    assert in_incident(DANGER)[:2] == ("ticketed", "call")
    frail = assessed(Verdict.CALL, hits=(Hit(cue=Cue.VULNERABLE_BEREAVED, evidence=""),))
    assert in_incident(frail)[:2] == ("ticketed", "call")
    assert in_incident(vip=True)[:2] == ("ticketed", "call")


def test_nothing_is_drafted_where_a_life_may_be_at_risk_unless_the_team_wrote_the_text() -> None:
    assert route(DANGER, Standing(late=True)) == ("ticketed", "call", "")
    assert route(DANGER, None, Policy(emergency_text=True))[2] == "emergency"


def test_automated_mail_is_left_alone_with_its_ground() -> None:
    assert route(MACHINE) == ("left_alone", "bulk", "")


def test_danger_in_what_looks_automated_is_a_persons_business() -> None:
    assert route(assessed(Verdict.NONE, automated=MACHINE.automated, floor=True))[:2] == (
        "owed",
        "danger_automated",
    )


def test_our_own_mail_is_left_alone_even_if_it_speaks_of_danger() -> None:
    ours = Automated(ground="ours", detail="From: help@ours.example")
    assert route(assessed(Verdict.NONE, automated=ours, floor=True))[:2] == ("left_alone", "ours")


def test_a_sender_who_suppresses_automatic_responses_is_still_ranked_but_never_drafted_to() -> None:
    assert route(assessed(automated=SUPPRESSES))[:2] == ("owed", "suppresses_auto_response")
    called = assessed(Verdict.CALL, automated=SUPPRESSES)
    assert route(called, Standing(late=True)) == ("ticketed", "call", "")


@pytest.mark.parametrize("standing", [Standing(answered=NOW), Standing(answered_by_flag=True)])
def test_answered_mail_gets_neither_ticket_nor_draft(standing: Standing) -> None:
    assert route(CALL, standing) == ("left_alone", "answered", "")


def test_a_copy_gets_nothing() -> None:
    assert route(DANGER, Standing(duplicate_of=3))[:2] == ("left_alone", "duplicate")


def test_any_further_mail_of_a_requester_with_an_open_ticket_joins_it() -> None:
    standing = Standing(open_ticket=7)
    assert route(assessed(), standing) == ("ticketed", "joined", "")
    assert route(assessed(Verdict.NONE, solved=True), standing) == ("ticketed", "solved", "")


def test_a_grievance_about_a_case_that_was_closed_lately_reopens_it() -> None:
    assert route(CALL, Standing(resolved_ticket=7))[:2] == ("ticketed", "reopened")
    assert route(assessed(), Standing(resolved_ticket=7))[0] == "drafted"


def test_a_voicemail_is_answered_by_a_call_even_without_an_address() -> None:
    assert route(assessed(), source="voicemail", requester=None)[:2] == ("ticketed", "voicemail")


def test_thanks_that_settle_the_matter_are_left_alone() -> None:
    assert route(assessed(Verdict.NONE, solved=True))[:2] == ("left_alone", "solved")


@pytest.mark.parametrize(
    ("ground", "assessment", "standing", "policy", "changes"),
    [
        ("no_address", assessed(), Standing(), Policy(), {"requester": None}),
        ("unsafe", assessed(), Standing(wishes=frozenset({Flag.UNSAFE})), Policy(), {}),
        ("no_mail", assessed(), Standing(wishes=frozenset({Flag.NO_MAIL})), Policy(), {}),
        ("not_named", assessed(), Standing(names_us=False), Policy(), {}),
        ("cannot_judge", assessed(unjudged="image_only"), Standing(), Policy(), {}),
        ("replies_off", assessed(), Standing(), Policy(replies_enabled=False), {}),
        ("language", assessed(language="pl"), Standing(), Policy(), {}),
        ("cap", assessed(), Standing(drafts_today=1), Policy(), {}),
    ],
)
def test_where_no_draft_may_be_made_a_person_owes_the_answer(
    ground: str, assessment: Assessment, standing: Standing, policy: Policy, changes: dict[str, object]
) -> None:
    assert route(assessment, standing, policy, **changes) == ("owed", ground, "")
    call = assessed(Verdict.CALL, unjudged=assessment.unjudged, language=assessment.language)
    late = Standing(
        late=True,
        wishes=standing.wishes,
        names_us=standing.names_us,
        drafts_today=standing.drafts_today,
    )
    assert route(call, late, policy, **changes)[::2] == ("ticketed", ""), "a call has its ticket all the same"


def test_one_unsent_draft_covers_its_conversation() -> None:
    assert route(assessed(), Standing(unsent_draft=4))[:2] == ("left_alone", "covered")
    assert route(CALL, Standing(unsent_draft=4, late=True)) == ("ticketed", "call", "")


def test_a_call_replaces_a_draft_that_is_not_on_the_server_yet() -> None:
    pending = Standing(unsent_draft=4, unsent_is_pending=True, drafts_today=1, late=True, number_known=True)
    assert route(CALL, pending) == ("ticketed", "call", "call")
    assert route(assessed(), pending)[:2] == ("left_alone", "covered")


@pytest.mark.parametrize("hit", [Cue.LIFE_AT_RISK, Cue.SAFETY_HARM])
def test_mere_words_of_danger_are_seen_by_a_person_before_any_draft(hit: Cue) -> None:
    words = Hit(cue=hit, evidence="the widowmaker", present_danger=True)
    assert route(assessed(hits=(words,))) == ("owed", "maybe_danger", "")
    assert route(assessed(Verdict.CALL, hits=(words,)), Standing(late=True)) == ("ticketed", "call", "")


def test_every_ground_is_explained_to_a_person() -> None:
    for sentence in (*OWED.values(), *LEFT_ALONE.values()):
        assert len(sentence.split()) > 3
