"""In every language: whatever a plan holds, the draft keeps the playbook; its faults are caught."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from triage import texts
from triage.promises import parse_duration
from triage.replies.compose import compose, plan
from triage.replies.playbook import check
from triage.replies.trial import problems
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


@pytest.mark.parametrize("language", sorted(path.stem for path in (HERE / "faults").glob("*.toml")))
def test_what_a_draft_must_never_say_is_caught(language: str) -> None:
    told = tomllib.loads((HERE / "faults" / f"{language}.toml").read_text(encoding="utf-8"))
    for fault in told["fault"]:
        if fault["rule"] in COUNTED:
            continue
        kind = "serious" if fault["rule"] == "P20" else "delay"
        found = {f.rule for f in check(fault["sentence"], kind=kind, language=language) if f.line}
        assert fault["rule"] in found, fault


@pytest.mark.parametrize("language", sorted(path.stem for path in (HERE / "faults").glob("*.toml")))
def test_what_comes_near_a_fault_is_let_through(language: str) -> None:
    told = tomllib.loads((HERE / "faults" / f"{language}.toml").read_text(encoding="utf-8"))
    for fine in told.get("fine", ()):
        kind = fine.get("kind", "delay")
        found = [str(f) for f in check(fine["sentence"], kind=kind, language=language) if f.line]
        assert found == [], fine


# --------------------------------------------------------------------------- whatever a plan holds


@pytest.mark.parametrize("language", texts.languages())
def test_whatever_a_plan_holds_the_draft_keeps_the_playbook(language: str) -> None:
    found = [f"{problem}\n{problem.text}" for problem in problems(language, SETTINGS)]
    assert found == []
