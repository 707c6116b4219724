"""A life at risk and a present danger are found by a detector that no weight of the ranking reaches."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from cost import in_proportion
from triage.intake.body import sentences
from triage.ranking import danger, detector
from triage.ranking.assess import assess, observe
from triage.ranking.cues import LANGUAGES
from triage.ranking.model import score
from triage.ranking.ngrams import bag
from triage.ranking.scenes import readings
from triage.ranking.training import corpus
from triage.types import Assessment, Cue, Hit, Verdict

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


def alarm(subject: str, body: str) -> danger.Alarm | None:
    """What the detector finds in a mail, as `assess` asks it."""
    seen = observe(corpus.message("", subject, body))
    need = score(seen.features, seen.wording).log_odds
    return danger.find(
        seen.wording, readings(seen.wording.sentences, seen.language), hits=seen.hits, need=need
    )


def found_in(texts: list[str], language: str, weights: detector.Weights | None = None) -> danger.Alarm | None:
    return danger.find(bag(texts), readings(texts, language), weights=weights)


def messages(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / name).read_text("utf-8").splitlines()]


def figures() -> dict[str, float]:
    found: dict[str, float] = tomllib.loads(
        (files("triage.ranking") / "weights" / "danger.toml").read_text("utf-8")
    )["figures"]
    return found


def read(name: str, *labels: str) -> list[tuple[str, Assessment]]:
    """(id, assessment) of a file's messages; of those so labelled, if the file has labels."""
    wanted = [m for m in messages(name) if not labels or m["danger"] in labels]
    return [(m["id"], assess(corpus.message(m["id"], m["subject"], m["body"]))) for m in wanted]


def at_the_top(assessed: Assessment) -> bool:
    return assessed.floor and assessed.verdict is Verdict.CALL and assessed.score >= 95


def reaches_a_person(assessed: Assessment) -> bool:
    """It is called, or a person looks before any draft (the ground `maybe_danger`)."""
    return assessed.verdict is Verdict.CALL or any(hit.present_danger for hit in assessed.hits)


# The lists of cues were written with must_not_miss.jsonl, and nothing with danger_unseen.jsonl;
# no detector was trained on either.


def test_messages_that_must_not_be_missed_are_at_the_top_or_reach_a_person() -> None:
    known = read("must_not_miss.jsonl")
    assert [name for name, assessed in known if not reaches_a_person(assessed)] == []
    assert sum(at_the_top(assessed) for _, assessed in known) >= 0.75 * len(known)


def test_most_messages_that_nothing_was_made_with_are_found_too() -> None:
    unseen = read("danger_unseen.jsonl", "life", "danger")
    assert sum(at_the_top(assessed) for _, assessed in unseen) >= 0.7 * len(unseen)
    assert sum(reaches_a_person(assessed) for _, assessed in unseen) >= 0.8 * len(unseen)


@pytest.mark.parametrize("name", ["decoys.jsonl", "danger_unseen.jsonl"])
def test_at_most_one_look_alike_in_ten_is_lifted(name: str) -> None:
    look_alikes = read(name, *(["none"] if name == "danger_unseen.jsonl" else []))
    assert sum(assessed.floor for _, assessed in look_alikes) * 10 <= len(look_alikes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_openly_suffices_whatever_the_weights_say(language: str) -> None:
    blind = detector.Weights(
        thresholds=dict.fromkeys(LANGUAGES, 1e9), marks={}, table=danger.packaged_weights().table
    )
    life, present = OPENLY[language]
    for text, cue in ((life, Cue.LIFE_AT_RISK), (present, Cue.SAFETY_HARM)):
        for spoken in (language, "unknown"):
            found = found_in([text], spoken, blind)
            assert found == danger.Alarm(hit=Hit(cue=cue, evidence=text, present_danger=True), sure=True)


def test_the_same_words_about_a_film_are_no_danger() -> None:
    found = alarm("", "In the second film the house is on fire, and my disc skips right there.")
    assert found is None or not found.sure


def test_the_evidence_is_a_sentence_of_the_mail() -> None:
    for m in messages("must_not_miss.jsonl"):
        if found := alarm(m["subject"], m["body"]):
            assert found.hit.present_danger
            assert found.hit.evidence in (m["subject"].strip(), *sentences(m["body"]))


@pytest.mark.parametrize("text", ["", "Do you ship to Norway?", "Invoice attached.", "x"])
def test_a_few_words_that_say_nothing_are_no_danger(text: str) -> None:
    for language in (*LANGUAGES, "unknown"):
        assert found_in([text] if text else [], language) is None


def test_every_language_has_the_same_scenes() -> None:
    folder = files("triage.ranking") / "scenes"
    names = [list(tomllib.loads((folder / f"{n}.toml").read_text("utf-8"))["scenes"]) for n in LANGUAGES]
    assert all(those == names[0] for those in names)


def test_the_weights_say_how_good_they_are_on_unseen_messages_in_each_language() -> None:
    found = figures()
    assert found["look_alikes"] <= 0.19, "they are near twins of the true ones, on purpose"
    assert found["ordinary"] <= 0.06
    for language in LANGUAGES:
        assert 0 < found[f"recall_{language}"] <= 1
        assert found[f"look_alikes_{language}"] <= 0.19
        assert found[f"recall_{language}"] > 3 * found[f"look_alikes_{language}"]


def test_weights_that_do_not_fit_are_refused() -> None:
    facts = (files("triage.ranking") / "weights" / "danger.toml").read_text("utf-8")
    with pytest.raises(ValueError, match="wrong length"):
        detector.read(danger.HEADS, facts, b"abc")


def test_a_long_mail_costs_in_proportion_to_its_length() -> None:
    told = [f"On Monday number {n} the heater sparked and it smells." for n in range(2_000)]
    assert in_proportion(lambda told: found_in(told, "en"), told[:200], told, times=10)


def test_the_need_for_a_call_only_adds_to_the_suspicion() -> None:
    assert danger.suspicion(-9.0) == danger.suspicion(-2.0) == 0.0
    assert 0.0 < danger.suspicion(0.0) < danger.suspicion(3.0)
    assert danger.suspicion(50.0) == danger.suspicion(4.0), "it is bounded"


def test_a_danger_that_the_lists_name_is_proof_in_a_mail_that_needs_a_call() -> None:
    text = "The hose caught fire."
    hit = Hit(cue=Cue.SAFETY_HARM, evidence=text, present_danger=True)
    blind = detector.Weights(
        thresholds=dict.fromkeys(LANGUAGES, 1e9), marks={}, table=danger.packaged_weights().table
    )

    def found(need: float) -> danger.Alarm | None:
        return danger.find(bag([text]), readings([text], "en"), hits=[hit], need=need, weights=blind)

    assert found(danger.BOTH_FROM) == danger.Alarm(hit=hit, sure=True)
    assert found(danger.BOTH_FROM - 0.1) is None


def test_a_machines_routine_is_no_danger_but_its_plain_words_are() -> None:
    text = "The house is on fire."
    assert danger.find(bag([text]), readings([text], "en"), machine=True) is not None
    routine = "Somebody is hurt and nobody comes, she is on the floor."
    assert danger.find(bag([routine]), readings([routine], "en"), machine=True, need=-3.0) is None
