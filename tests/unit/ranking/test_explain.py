"""An explanation names the rule that decided, what is not known, and every sign in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from triage import texts
from triage.ranking import explain
from triage.ranking.assess import DEFAULT_SETTINGS, assess
from triage.ranking.features import features
from triage.ranking.model import NOBODY, WORDING, packaged_weights
from triage.types import Assessment, Automated, Context, Cue, Reason, Sentiment, Verdict
from unit.ranking.test_assess import mail

REPLY = Assessment(score=20, verdict=Verdict.REPLY, base=20, language="en")
CALL = Assessment(score=80, verdict=Verdict.CALL, base=20, language="en", phone="+442079460018")
ALWAYS = Reason(cue="always_call", evidence="", points=30)


@pytest.mark.parametrize(
    ("assessment", "said"),
    [
        (CALL, "reaches 60"),
        (REPLY, "stays below 60"),
        (replace(CALL, score=55), "at that time"),
        (replace(REPLY, score=65), "at that time"),
        (replace(CALL, score=97, floor=True), "always called first"),
        (replace(CALL, reasons=(ALWAYS,)), "always calls about"),
        (replace(REPLY, verdict=Verdict.NONE, solved=True), "settled"),
        (replace(REPLY, verdict=Verdict.NONE, automated=Automated(ground="bounce", detail="x")), "program"),
        (replace(REPLY, verdict=Verdict.NONE), "nobody waited"),
        (replace(REPLY, unjudged="image_only"), "nothing in it but an image"),
    ],
)
def test_the_rule_that_decided_is_told_in_a_sentence(assessment: Assessment, said: str) -> None:
    assert said in explain.rule(assessment, DEFAULT_SETTINGS)


def test_what_asks_for_no_automatic_response_is_explained_by_its_score() -> None:
    asked = Automated(ground="suppresses_auto_response", detail="X-Auto-Response-Suppress: All")
    assert "reaches 60" in explain.rule(replace(CALL, automated=asked), DEFAULT_SETTINGS)


def test_the_rule_fits_what_assess_decides() -> None:
    calm = assess(mail("Could you tell me which filter fits the model 300?"))
    grave = assess(mail("I am going to kill myself tonight."))
    assert "a mail will do" in explain.rule(calm, DEFAULT_SETTINGS)
    assert "always called first" in explain.rule(grave, DEFAULT_SETTINGS)


def test_what_the_mail_does_not_tell_is_said() -> None:
    unknown = [*explain.unknown(replace(REPLY, language="unknown"), truncated=True, attachments=2)]
    assert [line.split(":")[0] for line in unknown] == [
        "its language",
        "how it ends",
        "what the 2 attachments would tell",
        "their telephone number",
    ]
    assert list(explain.unknown(CALL)) == []
    assert "older text" in next(iter(explain.unknown(replace(CALL, phone_from="quoted"))))


def test_every_sign_that_can_give_points_has_a_name_for_people() -> None:
    context = Context(
        contacts=2,
        unanswered=1,
        days_waiting=3,
        answered_before=True,
        promises_broken=1,
        vip=True,
        open_ticket=True,
    )
    found = features(
        ["HELP HELP HELP!!!", "Is it so?"],
        sentiment=Sentiment(worst=-0.5, mean=0.2, worst_sentence="x"),
        context=context,
        automated=Automated(ground="bounce", detail=""),
        solved=True,
    )
    weights = packaged_weights()
    names = {f.name for f in found} | {*weights.of} | {*weights.nobody_of} | {*Cue}
    names |= {WORDING, NOBODY, "floor", "always_call", "added"}
    assert sorted(name for name in names if name not in texts.signs("en")) == []


def test_no_name_shows_how_the_program_is_made() -> None:
    for name in texts.signs("en").values():
        assert "_" not in name
        assert not {"feature", "token", "n-gram", "weight", "cue"} & {*name.split()}


def test_a_name_that_nobody_has_put_into_words_is_spelled_out() -> None:
    assert texts.sign("new_sign") == "new sign"
