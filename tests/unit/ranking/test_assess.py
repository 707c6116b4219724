from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from cost import in_proportion
from triage.ranking import cues, danger
from triage.ranking.assess import RankingSettings, assess
from triage.ranking.ngrams import Bag
from triage.ranking.scenes import Reading
from triage.types import (
    Assessment,
    Attachment,
    Automated,
    Context,
    Cue,
    Emotion,
    Flag,
    Hit,
    Message,
    MessageRef,
    Verdict,
)

NEWSLETTER = Automated(ground="list", detail="List-Id: offers.shop.example")


def mail(text: str, *, subject: str = "", attachments: tuple[Attachment, ...] = ()) -> Message:
    return Message(
        ref=MessageRef(account="support", mailbox="INBOX", uid=1),
        subject=subject,
        text=text,
        new_text=text,
        attachments=attachments,
        received=datetime(2026, 11, 25, 12, tzinfo=UTC),
    )


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Hit]:
    """Hits that the detector is made to find, so that the rules can be tried one by one."""
    hits: list[Hit] = []

    def detect(sentences: Sequence[str], *, subject: str, language: str) -> cues.Detected:
        return cues.Detected(hits=tuple(hits), evidence_of_flags=((Flag.NO_CALL, "Do not ring."),))

    def find(
        wording: Bag, readings: Sequence[Reading], *, hits: Sequence[Hit], need: float, machine: bool
    ) -> danger.Alarm | None:
        grave = next((h for h in hits if h.present_danger or h.cue is Cue.LIFE_AT_RISK), None)
        return danger.Alarm(hit=grave, sure=True) if grave else None

    monkeypatch.setattr(cues, "detect", detect)
    monkeypatch.setattr(danger, "find", find)
    return hits


def adds_up(assessment: Assessment) -> bool:
    points = sum(r.points for r in assessment.reasons)
    return abs(assessment.base + points - assessment.score) <= 1


PICTURE = Attachment(name="a.png", content_type="image/png", size=9)
TABLE = Attachment(name="a.csv", content_type="text/csv", size=9)
GRIEVANCE = mail(
    "I have written three times and nobody has answered. On Monday your manager promised to ring me, "
    "and again there was no call. I shall take this to the ombudsman.",
    subject="Third letter",
)
QUESTION = mail("Hello, could you send me a copy of the invoice for order 4471? Thanks, no rush.")


def test_a_grievance_in_calm_words_is_a_call_and_a_plain_question_a_reply() -> None:
    assert assess(GRIEVANCE).verdict is Verdict.CALL
    assert assess(QUESTION).verdict is Verdict.REPLY
    assert assess(GRIEVANCE).score > 60 > 30 > assess(QUESTION).score


def test_the_reasons_explain_the_score(found: list[Hit]) -> None:
    found.append(Hit(cue=Cue.REGULATOR, evidence="I shall take this to the ombudsman."))
    assessment = assess(GRIEVANCE)
    assert adds_up(assessment)
    assert any(
        r.cue == "regulator" and r.points > 0 and "ombudsman" in r.evidence for r in assessment.reasons
    )


@pytest.mark.parametrize(
    "hit",
    [
        Hit(cue=Cue.LIFE_AT_RISK, evidence="I cannot go on."),
        Hit(cue=Cue.SAFETY_HARM, evidence="It smells of gas.", present_danger=True),
    ],
)
def test_a_life_at_risk_is_a_call_whatever_else_is_said(found: list[Hit], hit: Hit) -> None:
    found.append(hit)
    for solved in (False, True):
        assessment = assess(
            QUESTION, solved=solved, settings=RankingSettings(call_threshold=100, always_call=frozenset())
        )
        assert assessment.floor
        assert assessment.verdict is Verdict.CALL
        assert assessment.score >= 95
        assert adds_up(assessment)
        assert any(r.cue == "floor" and r.evidence == hit.evidence for r in assessment.reasons)


def test_danger_in_automated_mail_is_flagged_for_a_person_but_never_called(found: list[Hit]) -> None:
    found.append(Hit(cue=Cue.LIFE_AT_RISK, evidence="I cannot go on."))
    assessment = assess(QUESTION, automated=NEWSLETTER)
    assert assessment.floor
    assert assessment.verdict is Verdict.NONE


def test_harm_that_is_over_is_no_floor(found: list[Hit]) -> None:
    found.append(Hit(cue=Cue.SAFETY_HARM, evidence="Last year I cut my thumb."))
    assert not assess(QUESTION, settings=RankingSettings(always_call=frozenset())).floor


def test_a_cue_that_the_team_always_calls_for_lifts_the_score_to_the_threshold(found: list[Hit]) -> None:
    found.append(Hit(cue=Cue.DEADLINE, evidence="by Friday"))
    team = RankingSettings(call_threshold=70, always_call=frozenset({Cue.DEADLINE}))
    assert assess(QUESTION, settings=team).verdict is Verdict.REPLY, "not in what reads as routine"
    assessment = assess(mail("It is still not here and I need it by Friday."), settings=team)
    assert assessment.verdict is Verdict.CALL
    assert assessment.score >= 70
    assert adds_up(assessment)


@pytest.mark.parametrize(("automated", "solved"), [(NEWSLETTER, False), (None, True)])
def test_automated_and_solved_mail_asks_for_nothing(automated: Automated | None, solved: bool) -> None:
    assessment = assess(GRIEVANCE, automated=automated, solved=solved)
    assert assessment.verdict is Verdict.NONE
    assert assessment.score < 20
    assert assessment.key_sentence == ""
    assert adds_up(assessment)


def test_abuse_alone_is_no_need(found: list[Hit]) -> None:
    before = assess(QUESTION).score
    found.append(Hit(cue=Cue.ABUSE, evidence="You fools."))
    assert assess(QUESTION).score == before


def test_length_does_not_decide() -> None:
    once = assess(QUESTION)
    longer = assess(mail(QUESTION.text + " The parcel came in a brown box of the usual size." * 40))
    assert abs(longer.score - once.score) < 8


def test_silence_and_broken_promises_of_ours_make_a_question_a_call() -> None:
    kept_waiting = Context(contacts=4, unanswered=4, days_waiting=9, promises_broken=2)
    assert assess(QUESTION, context=kept_waiting).verdict is Verdict.CALL


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (mail(""), "empty"),
        (mail("...\n\n--"), "empty"),
        (mail("", attachments=(PICTURE,)), "image_only"),
        (mail("", subject="x", attachments=(PICTURE,)), "image_only"),
        (mail("", subject="x", attachments=(TABLE,)), "empty"),
        (mail("Dzień dobry, od trzech tygodni czekam na odpowiedź w sprawie zwrotu."), "unknown_language"),
        (mail("Καλημέρα, περιμένω απάντηση εδώ και τρεις εβδομάδες."), "unknown_language"),
    ],
)
def test_what_cannot_be_judged_gets_a_reply_and_says_why(
    found: list[Hit], message: Message, why: str
) -> None:
    assessment = assess(message)
    assert assessment.unjudged == why
    assert assessment.verdict is Verdict.REPLY


def test_a_mail_that_is_only_a_subject_is_judged_by_it() -> None:
    assessment = assess(mail("", subject="Where is my parcel, it was due on Monday?"))
    assert assessment.unjudged == ""
    assert assessment.key_sentence == "Where is my parcel, it was due on Monday?"


def test_a_cue_in_an_unknown_language_is_judged(found: list[Hit]) -> None:
    found.append(Hit(cue=Cue.LEAVING, evidence="x"))
    assert assess(mail("Dzień dobry, od trzech tygodni czekam na odpowiedź.")).unjudged == ""


def test_number_flags_language_and_feeling_are_handed_on(found: list[Hit]) -> None:
    assessment = assess(
        mail("Thank you so much, the cake was wonderful and we love it!"),
        phone=("+447700900123", "signature"),
    )
    assert (assessment.phone, assessment.phone_from) == ("+447700900123", "signature")
    assert assessment.flags == {Flag.NO_CALL}
    assert assessment.language == "en"
    assert assessment.emotion is Emotion.PLEASED


def test_the_same_mail_gives_the_same_assessment() -> None:
    assert assess(GRIEVANCE) == assess(GRIEVANCE)


def test_a_long_mail_costs_in_proportion_to_its_length() -> None:
    told = "I was told on Monday that nobody knows. " * 150
    assert in_proportion(assess, mail(told), mail(told * 10), times=10)
