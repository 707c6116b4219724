"""Trains the key sentence: a ranking by pairs, the labelled sentence before each other of its mail.

A logistic regression over the differences of two sentences' signs (Herbrich, Graepel and
Obermayer, "Large Margin Rank Boundaries for Ordinal Regression", 2000). Writes key.toml.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.ranking.assess import observe
from triage.ranking.key_sentence import MOST, signs
from triage.ranking.training import corpus

FOLDS = 8
_C = 0.1
_SHORTEST_PART = 4  # words from which on a sentence that is part of the labelled one counts as it


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mail:
    """A mail with a labelled key sentence: a row of signs for each sentence."""

    file: str
    rows: Any
    is_key: tuple[bool, ...]  # the sentence is the labelled one, holds it or is part of it
    holds: tuple[bool, ...]  # the sentence is the labelled one or holds it: what is measured


def train(folder: Path, weights: Path, *, leave_out: Iterable[str] = ()) -> dict[str, float]:
    """Write the weights; returns the share of right choices for each file, unseen by the model."""
    names, mails = _read(folder, leave_out)
    figures = _figures(mails)
    fitted = _fitted(mails)
    weights.mkdir(parents=True, exist_ok=True)
    (weights / "key.toml").write_text(_written(names, fitted, figures), "utf-8")
    return figures


def _read(folder: Path, leave_out: Iterable[str]) -> tuple[list[str], list[_Mail]]:
    import numpy

    labelled = [m for m in corpus.read(folder, leave_out=leave_out) if m.key]
    seen = [observe(m.message) for m in labelled]
    shown = [signs(s.sentences[:MOST], subject=s.subject, language=s.language, hits=s.hits) for s in seen]
    names = sorted({name for mail in shown for sentence in mail for name in sentence})
    mails = []
    for message, observed, of_mail in zip(labelled, seen, shown, strict=True):
        key = " ".join(message.key.split())
        told = observed.sentences[:MOST]
        holds = tuple(key in sentence for sentence in told)
        is_key = tuple(
            held or (sentence in key and len(sentence.split()) >= _SHORTEST_PART)
            for held, sentence in zip(holds, told, strict=True)
        )
        rows = numpy.array([[sentence.get(name, 0.0) for name in names] for sentence in of_mail])
        mails.append(_Mail(file=message.file, rows=rows, is_key=is_key, holds=holds))
    return names, mails


def _fitted(mails: Sequence[_Mail]) -> Any:
    """A weight for each sign. Every other pair is turned round, so that both answers occur."""
    import numpy
    from sklearn.linear_model import LogisticRegression

    pairs, counts = [], []
    for mail in mails:
        others = [row for row, key in zip(mail.rows, mail.is_key, strict=True) if not key]
        for row in (row for row, key in zip(mail.rows, mail.is_key, strict=True) if key):
            pairs += [row - other for other in others]
            counts += [max(1, len(others)) ** -0.5] * len(
                others
            )  # a long mail counts less than by its length
    turned = numpy.where(numpy.arange(len(pairs)) % 2, 1.0, -1.0)
    rows = numpy.array(pairs) * turned[:, None]
    regression = LogisticRegression(C=_C, fit_intercept=False, solver="liblinear", random_state=0)
    return regression.fit(rows, turned > 0, sample_weight=counts).coef_[0]


def _figures(mails: Sequence[_Mail]) -> dict[str, float]:
    """The share of right choices for each file, from models that had seen none of the file."""
    named = sorted({mail.file for mail in mails})
    right: dict[str, list[bool]] = {name: [] for name in named}
    for fold in range(min(FOLDS, len(named))):
        unseen = {name for at, name in enumerate(named) if at % FOLDS == fold}
        rest = [mail for mail in mails if mail.file not in unseen]
        weights = _fitted(rest) if rest else None
        for mail in mails if weights is not None else ():
            if mail.file in unseen and len(mail.holds):
                right[mail.file].append(mail.holds[int((mail.rows @ weights).argmax())])
    figures = {name: round(sum(of) / len(of), 3) for name, of in right.items() if of}
    every = [answer for of in right.values() for answer in of]
    return {**figures, "all": round(sum(every) / max(1, len(every)), 3)}


def _written(names: Sequence[str], weights: Any, figures: dict[str, float]) -> str:
    heaviest = sorted(zip(names, weights, strict=True), key=lambda pair: (-abs(pair[1]), pair[0]))
    return "\n".join(
        [
            "# What makes a sentence the key sentence, against the others of its mail. `triage train`",
            "# writes this; ranking/key_sentence.py says what each sign is.",
            "[signs]",
            *(f"{name} = {weight:.3f}" for name, weight in heaviest if abs(weight) >= 5e-4),
            "",
            "# The share of right choices in files that the model had not seen.",
            "[figures]",
            *(f"{name} = {share}" for name, share in figures.items()),
            "",
        ]
    )
