"""Injury, law, death, data protection, `unsafe`: plain, short, or nothing, in every language (P20, P33 to P35)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from triage import texts
from triage.replies.compose import choose_kind, compose, plan
from triage.replies.playbook import check
from triage.types import Cue, Emotion, Flag, Verdict
from unit.replies.samples import SETTINGS, assessment, message

WORDS = "My hand was burned, my solicitor will write to you about £400, call me on 020 7946 0018."
GRAVE = (Cue.SAFETY_HARM, Cue.LEGAL_THREAT, Cue.REGULATOR, Cue.VULNERABLE_BEREAVED, Cue.DATA_RIGHTS,
         Cue.DISCRIMINATION_PRIVACY, Cue.FRAUD_SECURITY, Cue.OFFICIAL)  # fmt: skip


@pytest.mark.parametrize("language", texts.languages())
@pytest.mark.parametrize("cue", GRAVE)
@pytest.mark.parametrize("call", ["", "soon", "late", "ask"])
def test_a_grave_matter_gets_the_plainest_words(language: str, cue: Cue, call: str) -> None:
    settings = replace(SETTINGS, languages=(language,), announce_calls="always")
    judged = assessment(WORDS, cues=(cue,), emotion=Emotion.ANGRY, verdict=Verdict.CALL, language=language)
    mail = message(f"{WORDS}\n\nAnna", name="Anna")
    kind = choose_kind(mail, judged, call=call)
    assert kind == "serious"
    planned = plan(mail, judged, kind=kind, settings=settings)
    said = (planned.apology, planned.feeling, planned.quote, planned.topic, planned.phone_offer)
    assert not any(said)
    text = compose(planned, settings=settings)
    assert check(text, kind=kind, language=language) == ()
    assert not any(word in text for word in ("hand", "solicitor", "400", "7946"))


@pytest.mark.parametrize("language", texts.languages())
def test_a_death_gets_condolence_and_no_apology(language: str) -> None:
    settings = replace(SETTINGS, languages=(language,))
    judged = assessment(
        cues=(Cue.VULNERABLE_BEREAVED,),
        flags=(Flag.DEATH_NOTICE,),
        verdict=Verdict.CALL,
        language=language,
    )
    planned = plan(message("My husband died."), judged, kind="serious", settings=settings)
    with_words = compose(planned, settings=settings)
    without = compose(replace(planned, condolence=False), settings=settings)
    assert len(with_words) > len(without)
    assert check(with_words, kind="serious", language=language) == ()


@pytest.mark.parametrize("flag", [Flag.UNSAFE, Flag.NO_MAIL])
@pytest.mark.parametrize("cue", [*GRAVE, Cue.LIFE_AT_RISK, Cue.BROKEN_PROMISE])
def test_whom_nobody_may_write_to_gets_nothing(flag: Flag, cue: Cue) -> None:
    judged = assessment(WORDS, cues=(cue,), flags=(flag,), verdict=Verdict.CALL)
    assert choose_kind(message(WORDS), judged, call="soon") == ""
