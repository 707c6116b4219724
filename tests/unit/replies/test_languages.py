"""In every language: whatever a plan holds, the draft keeps the playbook; its faults are caught."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from triage import texts
from triage.promises import parse_duration
from triage.replies.compose import LETTERS, Plan, compose, kinds, plan
from triage.replies.playbook import check
from triage.replies.times import within
from triage.types import Cue, Emotion, Flag, Verdict
from unit.replies.samples import SETTINGS, assessment, message

HERE = Path(__file__).parent
COUNTED = ("P8", "P12", "P13")  # some of these show only beside the other sentences of a draft
LANGUAGES = sorted(path.stem for path in (HERE / "mails").glob("*.jsonl"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("promise", ["1 business day", "4 business hours", "2 business days"])
def test_a_draft_to_each_mail_keeps_the_playbook(language: str, promise: str) -> None:
    settings = replace(SETTINGS, languages=(language,), respond_within=parse_duration(promise))
    for line in (HERE / "mails" / f"{language}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        judged = assessment(
            row["key"],
            emotion=Emotion(row["emotion"]),
            cues=tuple(map(Cue, row["cues"])),
            flags=tuple(map(Flag, row["flags"])),
            verdict=Verdict(row["verdict"]),
            language=language,
        )
        for number in range(6):
            mail = message(row["text"], subject=row["subject"], name=row["name"], fingerprint=f"f{number}")
            text = compose(plan(mail, judged, kind=row["kind"], settings=settings), settings=settings)
            assert check(text, kind=row["kind"], language=language) == (), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_draft_must_never_say_is_caught(language: str) -> None:
    told = tomllib.loads((HERE / "faults" / f"{language}.toml").read_text(encoding="utf-8"))
    for fault in told["fault"]:
        if fault["rule"] in COUNTED:
            continue
        kind = "serious" if fault["rule"] == "P20" else "delay"
        found = {f.rule for f in check(fault["sentence"], kind=kind, language=language) if f.line}
        assert fault["rule"] in found, fault


# --------------------------------------------------------------------------- whatever a plan holds


EVERY = texts.languages()
UPSET_NEVER = {"praise", "feature", "internal", "unclear", "serious", "incident", *LETTERS}


@pytest.mark.parametrize("language", EVERY)
def test_every_language_has_a_template_of_every_kind(language: str) -> None:
    for kind in kinds():
        assert texts.read(f"replies/{language}/{kind}.txt.j2")


@pytest.mark.parametrize("language", EVERY)
@pytest.mark.parametrize("kind", kinds())
def test_a_bare_plan_keeps_the_playbook(language: str, kind: str) -> None:
    words = texts.wording(language)["reply"]
    for seed in ["", *map(str, range(12))]:
        bare = Plan(
            kind=kind,
            language=language,
            seed=seed,
            promise=within(parse_duration("1 business day"), words),
        )
        text = compose(bare, settings=SETTINGS)
        assert check(text, kind=kind, language=language) == (), text


@pytest.mark.parametrize("language", EVERY)
@pytest.mark.parametrize("kind", [kind for kind in kinds() if kind != "emergency"])
@pytest.mark.parametrize("listed", [True, False])
def test_a_full_plan_keeps_the_playbook(language: str, kind: str, listed: bool) -> None:
    words = texts.wording(language)["reply"]
    grieved = kind not in UPSET_NEVER and kind != "question"
    feelings = [""] if kind in UPSET_NEVER else [*words["feelings"].values()]
    apologies = [*words["apologies"].values()] if grieved else [""]
    for number in range(24):
        full = Plan(
            kind=kind,
            language=language,
            greeting_name="Bénédicte Faucheron",
            feeling=feelings[number % len(feelings)],
            apology=apologies[number % len(apologies)],
            seed=str(number),
            human_sentence=not listed,
            matters=tuple(" ".join(["word"] * 8) for _ in range(4)) if listed else (),
            quote="" if listed else " ".join(["word"] * 25),
            promise=within(parse_duration("2 business days"), words),
            ask_detail=words["missing_detail"] if grieved and listed else "",
            what_would_help=grieved and not listed,
            phone_offer=grieved,
            condolence=kind == "serious",
            late=listed,
            topic="" if listed else "the side table that has not arrived",
            said="Refund of £40 to the card that was used",
            by="Monday 30 November at 16:00" if listed else "",
        )
        text = compose(full, settings=SETTINGS)
        assert check(text, kind=kind, language=language) == (), text
