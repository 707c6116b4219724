"""Ranking, a life at risk and a present danger: a detector of its own, outside the model.

`find` says whether somebody's life may be at risk, or something may hurt somebody any time,
and which sentence shows it. No weight of the ranking, and no feedback, changes what it says.
It knows three things about a mail:

- plain words (`scenes/<language>.toml`, [plain]): an open statement suffices by itself;
- scenes ([scenes]): who is there, what happens to them, whether it goes on; alone and in
  pairs within a sentence. They are the same in all languages, and so are their weights;
- its wording (hashed n-grams), and what the lists of cues found. A danger that they name is no
  proof by itself, but it is in a mail that as a whole needs a call.

From a threshold on it is sure enough to raise the alarm. A little below it is not sure, and a
person has to look. The weights (`weights/danger.toml`, `weights/danger.bin`) are data that
`training.danger` wrote, with the cross-validated figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from triage.ranking import detector, scenes
from triage.ranking.detector import Weights
from triage.ranking.ngrams import Bag
from triage.ranking.scenes import Marks, Reading
from triage.types import Cue, Hit

HEADS = ("danger", "life")  # is it a danger at all; and if so, is it a life at risk (else a present danger)
NEED_COUNTS = 0.3  # of the log-odds that a lead would rather phone
_ENOUGH_WORDS, _OF_FEW = 12, 2.0  # fewer words prove less: what is taken off for none, in log-odds
NEED_STARTS = -2.0  # log-odds of a call below which a mail reads like routine
BOTH_FROM = 2.0  # log-odds of a call that, with a danger that the lists of cues name, is proof
UNSURE = 1.0  # log-odds below the threshold from which on a person has to look,
LEAST_UNSURE = -0.7  # but not below this: a text that says nothing has about -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """What was found; `sure` if it is above the threshold."""

    hit: Hit
    sure: bool


def find(
    wording: Bag,
    readings: Sequence[Reading],
    *,
    hits: Sequence[Hit] = (),
    need: float = -9.0,
    machine: bool = False,
    weights: Weights | None = None,
) -> Alarm | None:
    """The life at risk or the present danger that a text tells of, with its sentence; or None.

    `wording` and `readings` are those of the subject and of what the requester newly wrote,
    `hits` what `cues.detect` found in it. Of several readings (a text in an unknown language)
    the gravest counts. `need` is what the shipped model, without the records, thinks of a call
    (log-odds): it can only add to the suspicion, never take from it. Of a `machine`'s mail that
    reads like routine only plain words count.
    """
    if not any(wording.sentences):
        return None
    for reading in readings:
        if plain := scenes.scenes(reading.language).plain(reading.lines):
            place, cue = plain
            return _alarm(cue, wording.sentences[place], sure=True)
    listed = next((hit for hit in hits if hit.present_danger), None)
    if listed is not None and need >= BOTH_FROM:
        return _alarm(listed.cue, listed.evidence, sure=True)
    if machine and need < NEED_STARTS:
        return None  # a program's routine
    weights = weights or packaged_weights()
    found = [_gravity(wording, reading, hits, weights) for reading in readings]
    odds, threshold, life, evidence = max(found, key=lambda each: each[0] - each[1])
    odds += suspicion(need) - brevity(wording)
    if odds < unsure_from(threshold):
        return None
    return _alarm(Cue.LIFE_AT_RISK if life > 0 else Cue.SAFETY_HARM, evidence, sure=odds >= threshold)


def _alarm(cue: Cue, evidence: str, *, sure: bool) -> Alarm:
    return Alarm(hit=Hit(cue=cue, evidence=evidence, present_danger=True), sure=sure)


def brevity(wording: Bag) -> float:
    """What is taken off the log-odds of danger where little is said."""
    words = sum(map(len, wording.words))
    return _OF_FEW * max(0.0, 1.0 - words / _ENOUGH_WORDS)


def unsure_from(threshold: float) -> float:
    """The log-odds from which on a person has to look."""
    return max(threshold - UNSURE, LEAST_UNSURE)


def suspicion(need: float) -> float:
    """What the need for a call adds to the log-odds of danger: nothing for a calm mail."""
    return NEED_COUNTS * min(max(need - NEED_STARTS, 0.0), 6.0)


def marks(sentences: Sequence[str], reading: Reading, hits: Sequence[Hit]) -> list[Marks]:
    """What each sentence adds, each name once: where it first shows."""
    seen: set[str] = set()
    result: list[Marks] = []
    of_hits: dict[str, list[str]] = {}
    for hit in hits:
        of_hits.setdefault(hit.evidence, []).append(_mark_of(hit))
    last = len(reading.names) - 1
    for place, (text, names) in enumerate(zip(sentences, reading.names, strict=False)):
        own = scenes.marks(names)
        own["start"] = 1.0
        own.update(dict.fromkeys(of_hits.get(text, ()), 1.0))
        if "?" in text:
            own["question"] = 1.0
            if place == last:
                own["question_at_the_end"] = 1.0
        own = {name: value for name, value in own.items() if name not in seen}
        seen.update(own)
        result.append(own)
    return result


def _mark_of(hit: Hit) -> str:
    floor = hit.present_danger or hit.cue is Cue.LIFE_AT_RISK
    return f"rule:{hit.cue.value}" if floor else f"cue:{hit.cue.value}"


def _gravity(
    wording: Bag, reading: Reading, hits: Sequence[Hit], weights: Weights
) -> tuple[float, float, float, str]:
    """The log-odds of danger and their threshold, the log-odds of a life, and the gravest sentence."""
    parts = weights.log_odds(marks(wording.sentences, reading, hits), wording)
    danger, life = (sum(part[head] for part in parts) for head in range(len(HEADS)))
    gravest = max(range(len(parts)), key=lambda place: parts[place][0])
    return danger, weights.thresholds[reading.language], life, wording.sentences[gravest]


@cache
def packaged_weights() -> Weights:
    """The weights that are shipped with the program."""
    return detector.packaged("danger", HEADS)
