"""Ranking, wishes and facts: how the requester may and may not be reached (P33), beyond the lists.

`cues.detect` finds the flags that its phrases name. People say the same in countless other
ways, so a trained detector reads each sentence too: its scenes alone and in pairs, those of
the sentences beside it, its wording, and what the lists found. A sentence whose sum reaches a
flag's threshold shows the flag. The weights (`weights/wishes.toml`, `weights/wishes.bin`) are
data that `training.wishes` wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from triage.ranking import detector, scenes
from triage.ranking.detector import Weights
from triage.ranking.ngrams import Bag
from triage.ranking.scenes import Marks, Reading
from triage.types import Flag

HEADS = tuple(flag.value for flag in Flag)
BESIDE = 0.5  # what a scene of the sentence before or after counts

Evidence = tuple[tuple[Flag, str], ...]


def find(
    wording: Bag, readings: Sequence[Reading], listed: Evidence, *, weights: Weights | None = None
) -> Evidence:
    """The flags of a text, each with the sentence that shows it best; what the lists found included.

    A text in none of our languages (several readings) is left to the lists.
    """
    found = dict(listed)
    if len(readings) != 1:
        return listed
    weights = weights or packaged_weights()
    best: dict[Flag, tuple[float, str]] = {}
    shown = marks(wording.sentences, readings[0], listed)
    for text, own, alone in zip(wording.sentences, shown, wording.each, strict=False):
        if not own:
            continue
        (sums,) = weights.log_odds([own], alone)
        for flag, total in zip(Flag, sums, strict=True):
            above = total - weights.thresholds[flag.value]
            if above >= 0 and above > best.get(flag, (-1.0, ""))[0]:
                best[flag] = (above, text)
    for flag, (_, text) in best.items():
        found.setdefault(flag, text)
    return tuple((flag, found[flag]) for flag in Flag if flag in found)


def marks(sentences: Sequence[str], reading: Reading, listed: Iterable[tuple[Flag, str]]) -> list[Marks]:
    """What each sentence shows."""
    of_lists: dict[str, list[str]] = {}
    for flag, text in listed:
        of_lists.setdefault(text, []).append(f"listed:{flag.value}")
    result: list[Marks] = []
    names = reading.names
    for place, (text, own) in enumerate(zip(sentences, names, strict=False)):
        beside = [*names[max(0, place - 1) : place], *names[place + 1 : place + 2]]
        if not text:
            result.append({})
            continue
        shown: Marks = {f"beside:{name}": BESIDE for those in beside for name in those}
        shown |= scenes.marks(own)
        shown |= dict.fromkeys(of_lists.get(text, ()), 1.0)
        shown["start"] = 1.0
        if "?" in text:
            shown["question"] = 1.0
        result.append(shown)
    return result


@cache
def packaged_weights() -> Weights:
    """The weights that are shipped with the program."""
    return detector.packaged("wishes", HEADS)
