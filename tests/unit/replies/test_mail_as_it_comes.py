"""Drafts for mail of the labelled corpus, as ranking reads it: each keeps the playbook and holds no fact of its own."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from triage import texts
from triage.bootstrap import passes
from triage.pipeline.message import judge
from triage.replies.compose import choose_kind, compose, plan
from triage.replies.playbook import check
from triage.types import Assessment, Message, Verdict
from unit.replies.samples import SETTINGS, message

TRAINING = Path(__file__).parents[3] / "training"
FILES = ("inbox-shop", "inbox-services", "retail", "software", "world")
EACH = 120 if os.environ.get("TRIAGE_SOAK") else 14
LANGUAGES = texts.languages()
REPLIES = replace(SETTINGS, languages=LANGUAGES, emergency_text="")


def mails() -> Iterator[tuple[Message, Assessment]]:
    account = replace(passes.default_settings(), replies=REPLIES)
    for name in FILES:
        rows = [
            json.loads(line) for line in (TRAINING / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        ]
        for row in rows[:: max(1, len(rows) // EACH)]:
            mail = message(row["body"], subject=row["subject"], fingerprint=row["id"])
            yield mail, judge(mail, account)


def test_each_draft_keeps_the_playbook_and_states_nothing_of_its_own() -> None:
    seen: Counter[tuple[str, str]] = Counter()
    for mail, judged in mails():
        kind = choose_kind(mail, judged)
        if (
            judged.verdict is not Verdict.REPLY
            or kind in ("", "emergency")
            or judged.language not in LANGUAGES
        ):
            continue
        planned = plan(mail, judged, kind=kind, settings=REPLIES)
        text = compose(planned, settings=REPLIES)
        assert check(text, kind=kind, language=planned.language) == (), text
        seen[kind, text] += 1
        theirs = " ".join(f"{mail.subject} {mail.new_text}".split())
        for words in (planned.quote, planned.topic, *planned.matters):
            assert " ".join(words.split()) in theirs
        ours = re.sub("“[^”]*”|„[^“]*“", "", text).replace(SETTINGS.signature, "")
        assert not re.search(r"\d", ours), "no number that is not theirs"
    assert len(seen) > 30
    twice = [kind for (kind, _), count in seen.items() if count > 1]
    assert set(twice) <= {"serious"}, "only the plainest may meet again, to people who give no name"


@pytest.mark.parametrize("language", LANGUAGES)
def test_templates_hold_no_fact(language: str) -> None:
    folder = TRAINING.parent / "templates" / "replies" / language
    words = texts.wording(language)["reply"]
    days = {*words["long_weekdays"], *words["months"]}
    for file in folder.glob("*.j2"):
        said = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not re.search(r"\d", said), file
        assert not days & set(re.findall(r"\w+", said)), file
