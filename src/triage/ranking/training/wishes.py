"""Trains the detector of wishes: for each flag a logistic regression over sentences.

The files flags-*.jsonl hold mails with the flags that they show and the sentences that say so,
and look-alikes. All other files hold ordinary mail: its sentences count as showing nothing
unless the lists find something in them. Writes wishes.toml and wishes.bin.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.ranking import scenes, wishes
from triage.ranking.assess import Observed, observe
from triage.ranking.cues import LANGUAGES
from triage.ranking.ngrams import Bag, bag
from triage.ranking.scenes import Marks
from triage.ranking.training import corpus, detectors
from triage.types import Cue, Flag

SIZE = 1 << 14  # rows of the table
FOLDS = 4
_ONE_IN = 2  # ordinary mails that are read: the others would tell little new

_PENALTY = 1.0
_WORDING_COUNTS = 5.0
_SHOWN_COUNTS = 3.0  # a sentence that shows a flag against one that does not
_ORDINARY_COUNTS = 1.0
_LEAST_MARKED = 5  # examples that show a mark, for it to be learnt
_BERE = Cue.VULNERABLE_BEREAVED.value  # mails of the corpus that may report a death
ORDINARY = 0.006  # of ordinary mails, how many may get a flag: it decides who is called


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of a mail, and the flags that it shows."""

    mail: int
    marks: Marks
    wording: Bag
    flags: frozenset[str]
    ordinary: bool
    kept_out: frozenset[str] = frozenset()  # flags that nobody labelled here, though it may show them


def train(folder: Path, weights: Path, *, leave_out: Iterable[str] = ()) -> dict[str, float]:
    """Write the weights; returns shares of flags found and of mails with a wrong one, cross-validated."""
    import numpy as np

    sentences, truth, ids = read(folder, leave_out=leave_out)
    counts: dict[str, int] = {}
    for sentence in sentences:
        if not sentence.ordinary:
            for name in sentence.marks:
                counts[name] = counts.get(name, 0) + 1
    names = sorted(name for name, number in counts.items() if number >= _LEAST_MARKED)
    made_of = detectors.rows(
        [(s.marks, s.wording) for s in sentences], SIZE, wording_counts=_WORDING_COUNTS, names=names
    )
    mail = np.array([s.mail for s in sentences])
    fold = np.array([zlib.crc32(ids[m].encode()) % FOLDS for m in mail])
    fits: dict[str, Any] = {}
    thresholds: dict[str, float] = {}
    found: dict[str, Any] = {}
    for flag in wishes.HEADS:
        labels = np.array([flag in s.flags for s in sentences])
        use = np.array([flag not in s.kept_out for s in sentences])
        weigh = np.where([s.ordinary for s in sentences], _ORDINARY_COUNTS, 1.0)
        weigh = weigh * np.where(labels, _SHOWN_COUNTS, 1.0)
        odds = np.full(len(sentences), -9.0)
        for number in range(FOLDS):
            known = use & (fold != number)
            if not labels[known].any():
                continue
            fitted = detectors.regression(
                made_of.matrix[known], labels[known], weigh[known], penalty=_PENALTY
            )
            odds[fold == number] = fitted.decision_function(made_of.matrix[fold == number])
        highest = np.full(len(ids), -9.0)
        np.maximum.at(highest, mail[use], odds[use])
        shown = np.array([flags is not None and flag in flags for flags in truth])
        labelled = np.array([flags is not None for flags in truth])
        thresholds[flag] = _threshold(highest, shown, labelled)
        found[flag] = (highest >= thresholds[flag], shown)
        fits[flag] = detectors.regression(made_of.matrix[use], labels[use], weigh[use], penalty=_PENALTY)
    figures = _figures(found, [flags is None for flags in truth])
    detectors.write(weights, "wishes", made_of, fits, thresholds, figures)
    return figures


def read(
    folder: Path, *, leave_out: Iterable[str] = ()
) -> tuple[list[Sentence], list[frozenset[str] | None], list[str]]:
    """The sentences; each mail's flags (None: ordinary mail, nobody labelled them); each mail's id."""
    sentences: list[Sentence] = []
    truth: list[frozenset[str] | None] = []
    ids: list[str] = []
    for path, row in detectors.labelled(folder, corpus.FLAGS):
        seen = observe(corpus.message(row["id"], row["subject"], row["body"]))
        by_place = _labelled(seen.wording.sentences, row["flags"], row["sentences"])
        for place, (text, marks) in enumerate(_marked(seen, row["lang"])):
            if marks:
                flags = frozenset(by_place.get(place, ()))
                sentences.append(
                    Sentence(mail=len(ids), marks=marks, wording=bag([text]), flags=flags, ordinary=False)
                )
        truth.append(frozenset(row["flags"]))
        ids.append(f"{path.stem}/{row['id']}")
    for labelled in corpus.read(folder, leave_out=leave_out)[::_ONE_IN]:
        seen = observe(labelled.message)
        unsure = {flag.value for flag, _ in seen.listed}
        if _BERE in labelled.cues:
            unsure |= {Flag.DEATH_NOTICE.value, Flag.UNSAFE.value}
        for text, marks in _marked(seen, labelled.language):
            if marks:
                sentences.append(
                    Sentence(
                        mail=len(ids),
                        marks=marks,
                        wording=bag([text]),
                        flags=frozenset(),
                        ordinary=True,
                        kept_out=frozenset(unsure),
                    )
                )
        truth.append(None)
        ids.append(f"{labelled.file}/{labelled.id}")
    return sentences, truth, ids


def _marked(seen: Observed, language: str) -> list[tuple[str, Marks]]:
    spoken = seen.language if seen.language in LANGUAGES else language
    reading = scenes.readings(seen.wording.sentences, spoken)[0]
    texts = seen.wording.sentences
    return list(zip(texts, wishes.marks(texts, reading, seen.listed), strict=False))


def _labelled(texts: Sequence[str], flags: Sequence[str], told: Sequence[str]) -> dict[int, set[str]]:
    """The places of the labelled sentences; of one that is cut otherwise, where most of its words are."""
    places: dict[int, set[str]] = {}
    for flag, sentence in zip(flags, told, strict=True):
        at = [place for place, text in enumerate(texts) if text and (text in sentence or sentence in text)]
        if not at:
            words = set(sentence.split())
            at = [max(range(len(texts)), key=lambda place: len(words.intersection(texts[place].split())))]
        for place in at:
            places.setdefault(place, set()).add(flag)
    return places


def _threshold(highest: Any, shown: Any, labelled: Any) -> float:
    """Where the flag is best told from the rest (F1), of what gives it to few ordinary mails."""
    import numpy as np

    best, least = -1.0, 0.0
    for threshold in np.arange(-4.0, 6.0, 0.1):
        up = highest >= threshold
        right, wrong = int((up & shown).sum()), int((up & ~shown & labelled).sum())
        f1 = 2 * right / max(1, 2 * right + wrong + int((shown & ~up).sum()))
        few = (up & ~labelled).sum() <= ORDINARY * (~labelled).sum()
        if few and f1 > best:
            best, least = f1, float(threshold)
    return round(least, 1)


def _figures(found: dict[str, Any], ordinary: Sequence[bool]) -> dict[str, float]:
    import numpy as np

    plain = np.array(ordinary)
    figures: dict[str, float] = {}
    rights = shows = 0
    wrong = np.zeros(len(plain), dtype=bool)
    for flag, (up, shown) in found.items():
        figures[f"found_{flag}"] = round(float((up & shown).sum() / max(1, shown.sum())), 3)
        rights += int((up & shown).sum())
        shows += int(shown.sum())
        wrong |= up & ~shown
    figures["found"] = round(rights / max(1, shows), 3)
    figures["wrong_in_labelled"] = round(float(wrong[~plain].mean()), 3)
    figures["wrong_in_ordinary"] = round(float(wrong[plain].mean()), 3)
    return figures
