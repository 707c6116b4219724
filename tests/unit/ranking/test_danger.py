"""A life at risk and a present danger are found by a detector that no weight of the ranking reaches."""

from __future__ import annotations

import json
import time
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from triage.intake.body import sentences
from triage.ranking import danger
from triage.ranking.assess import assess, observe
from triage.ranking.cues import LANGUAGES, detect
from triage.ranking.model import score
from triage.ranking.training import corpus
from triage.types import Cue, Hit, Verdict

HERE = Path(__file__).parent
OPENLY = {
    "en": ("I am going to kill myself tonight.", "The house is on fire and nobody comes."),
    "de": ("Ich bringe mich heute Abend um.", "Die Küche brennt, bitte helfen Sie."),
    "fr": ("Je vais me tuer ce soir.", "La cuisine est en feu."),
    "es": ("Voy a matarme esta noche.", "La cocina está en llamas."),
    "nl": ("Ik maak vanavond een einde aan mijn leven.", "De keuken staat in brand."),
    "it": ("Voglio togliermi la vita.", "La cucina va a fuoco."),
    "pt": ("Vou me matar hoje.", "A cozinha está pegando fogo."),
}


def lifted(subject: str, body: str, language: str) -> Hit | None:
    """What the detector finds in a mail, as `assess` asks it."""
    told = sentences(body)
    seen = observe(corpus.message("", subject, body))
    hits = detect(told, subject=subject, language=language).hits
    need = score(seen.features, seen.wording).log_odds
    return danger.find(told, subject=subject, language=language, hits=hits, need=need)


def messages(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / name).read_text("utf-8").splitlines()]


def figures() -> dict[str, float]:
    found: dict[str, float] = tomllib.loads(
        (files("triage.ranking") / "weights" / "danger.toml").read_text("utf-8")
    )["figures"]
    return found


def test_no_message_that_must_not_be_missed_is_missed() -> None:
    missed = [
        m["id"] for m in messages("must_not_miss.jsonl") if not lifted(m["subject"], m["body"], m["lang"])
    ]
    assert missed == []


def test_the_whole_ranking_puts_every_one_of_them_at_the_top() -> None:
    for m in messages("must_not_miss.jsonl"):
        assessed = assess(corpus.message(m["id"], m["subject"], m["body"]))
        assert (assessed.floor, assessed.verdict, assessed.score >= 95) == (True, Verdict.CALL, True), m["id"]


def test_at_most_one_look_alike_in_ten_is_lifted() -> None:
    decoys = messages("decoys.jsonl")
    assert sum(bool(lifted(m["subject"], m["body"], m["lang"])) for m in decoys) * 10 <= len(decoys)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_openly_suffices_whatever_the_weights_say(language: str) -> None:
    blind = danger.Weights(
        thresholds=dict.fromkeys(LANGUAGES, 1e9), marks={}, table=danger.packaged_weights().table
    )
    life, present = OPENLY[language]
    for text, cue in ((life, Cue.LIFE_AT_RISK), (present, Cue.SAFETY_HARM)):
        for spoken in (language, "unknown"):
            hit = danger.find([text], language=spoken, weights=blind)
            assert hit == Hit(cue=cue, evidence=text, present_danger=True)


def test_the_same_words_about_a_film_are_no_danger() -> None:
    assert lifted("", "In the second film the house is on fire, and my disc skips right there.", "en") is None


def test_the_evidence_is_a_sentence_of_the_mail() -> None:
    for m in messages("must_not_miss.jsonl"):
        hit = lifted(m["subject"], m["body"], m["lang"])
        assert hit is not None
        assert hit.present_danger
        assert hit.evidence in (m["subject"].strip(), *sentences(m["body"]))


@pytest.mark.parametrize("text", ["", "Do you ship to Norway?", "Invoice attached.", "x"])
def test_a_few_words_that_say_nothing_are_no_danger(text: str) -> None:
    for language in (*LANGUAGES, "unknown"):
        assert danger.find([text] if text else [], language=language) is None


def test_every_language_has_the_same_scenes() -> None:
    folder = files("triage.ranking") / "scenes"
    names = [list(tomllib.loads((folder / f"{n}.toml").read_text("utf-8"))["scenes"]) for n in LANGUAGES]
    assert all(those == names[0] for those in names)


def test_the_weights_say_how_good_they_are_on_unseen_messages_in_each_language() -> None:
    found = figures()
    assert found["look_alikes"] <= 0.10
    assert found["ordinary"] <= 0.035
    for language in LANGUAGES:
        assert 0 < found[f"recall_{language}"] <= 1
        assert found[f"look_alikes_{language}"] <= 0.11
        assert found[f"recall_{language}"] > 4 * found[f"look_alikes_{language}"]


def test_weights_that_do_not_fit_are_refused() -> None:
    facts = (files("triage.ranking") / "weights" / "danger.toml").read_text("utf-8")
    with pytest.raises(ValueError, match="wrong length"):
        danger.read_weights(facts, b"abc")


def test_a_long_mail_costs_in_proportion_to_its_length() -> None:
    def cost(times: int) -> float:
        told = [f"On Monday number {n} the heater sparked and it smells." for n in range(times)]
        start = time.process_time()
        danger.find(told, language="en")
        return time.process_time() - start

    cost(10)
    assert cost(4_000) < 40 * max(cost(200), 0.005)


def test_the_need_for_a_call_only_adds_to_the_suspicion() -> None:
    assert danger.suspicion(-9.0) == danger.suspicion(-2.0) == 0.0
    assert 0.0 < danger.suspicion(0.0) < danger.suspicion(3.0)
    assert danger.suspicion(50.0) == danger.suspicion(4.0), "it is bounded"
