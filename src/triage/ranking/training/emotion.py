"""Trains the emotion: one multinomial logistic regression over signs and hashed parts of words.

Writes emotion.toml (starts, scales, the signs' weights) and emotion.bin (the words').
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

from triage.errors import InputError
from triage.ranking.assess import Observed, observe
from triage.ranking.emotion import EMOTIONS, signs
from triage.ranking.ngrams import row
from triage.ranking.training import corpus
from triage.ranking.training.corpus import Labelled
from triage.types import Verdict

SIZE = 1 << 14  # rows of the table
FOLDS = 5
_C = 0.7
_SIGNS_COUNT, _WORDS_COUNT = 2.0, 1.5  # one against the other, as the penalty sees them
_ROUNDS = 60  # enough: later ones change the sums, hardly the answers
_RARE_COUNT = 0.3  # 0: each message counts the same; 1: each emotion does
_MISJUDGED = 15  # of 100 verdicts, so that the emotion does not rely on what is wrong at times
_LEFT_OUT = ("context_", "automated", "solved", "brief_")  # not in the corpus; or said by others already


def train(folder: Path, weights: Path, *, leave_out: Iterable[str] = ()) -> dict[str, float]:
    """Write the weights; returns the share of right emotions for each file, unseen by the model.

    Raises InputError (no corpus, or an emotion that it does not show), NotFoundError.
    """
    labelled = corpus.read(folder, leave_out=(*leave_out, corpus.POSTS))
    seen = [observe(m.message) for m in labelled]
    names, rows = _rows(seen, [_verdict(m) for m in labelled])
    emotions = [[e.value for e in EMOTIONS].index(m.emotion) for m in labelled]
    figures = _figures(labelled, rows, emotions)
    weights.mkdir(parents=True, exist_ok=True)
    start, of, table = _fitted(rows, emotions)
    scales, content = _quantised(table)
    (weights / "emotion.bin").write_bytes(content)
    (weights / "emotion.toml").write_text(_written(names, start, of, scales, figures), "utf-8")
    return figures


def _verdict(labelled: Labelled) -> Verdict:
    """The labelled verdict, or now and then the one that it could be mistaken for."""
    right = Verdict(labelled.verdict)
    if crc32(labelled.id.encode()) % 100 >= _MISJUDGED:
        return right
    return Verdict.REPLY if right is Verdict.CALL else Verdict.CALL


def _rows(seen: Sequence[Observed], verdicts: Sequence[Verdict]) -> tuple[list[str], Any]:
    """The signs' names, and for each message its signs and then its table of words."""
    from scipy.sparse import csr_matrix

    shown = [
        signs(
            s.wording.sentences,
            language=s.language,
            features=s.features,
            sentiment=s.sentiment,
            verdict=verdict,
        )
        for s, verdict in zip(seen, verdicts, strict=True)
    ]
    names = sorted({name for each in shown for name in each if not name.startswith(_LEFT_OUT)})
    column = {name: at for at, name in enumerate(names)}
    values: list[float] = []
    places: list[int] = []
    ends = [0]
    for each, observed in zip(shown, seen, strict=True):
        own = {column[name]: value * _SIGNS_COUNT for name, value in each.items() if name in column}
        wording = row(observed.wording, SIZE, pairs=False)
        places += [*own, *(len(names) + place for place in wording)]
        values += [*own.values(), *(value * _WORDS_COUNT for value in wording.values())]
        ends.append(len(places))
    return names, csr_matrix((values, places, ends), shape=(len(seen), len(names) + SIZE))


def _regression(rows: Any, emotions: Sequence[int]) -> Any:
    import numpy
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    number = numpy.bincount(emotions, minlength=len(EMOTIONS))
    counts = {at: (len(emotions) / len(EMOTIONS) / n) ** _RARE_COUNT for at, n in enumerate(number) if n}
    regression = LogisticRegression(C=_C, max_iter=_ROUNDS, tol=1e-3, class_weight=counts)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return regression.fit(rows, emotions)


def _fitted(rows: Any, emotions: Sequence[int]) -> tuple[Any, Any, Any]:
    """Starts (emotion), weights of the signs (emotion × sign) and of the words (row × emotion)."""
    if missing := [e.value for at, e in enumerate(EMOTIONS) if at not in emotions]:
        raise InputError(f"the corpus holds no message that is {', '.join(missing)}")
    fitted = _regression(rows, emotions)
    signs_number = rows.shape[1] - SIZE
    return (
        fitted.intercept_,
        fitted.coef_[:, :signs_number] * _SIGNS_COUNT,
        fitted.coef_[:, signs_number:].T * _WORDS_COUNT,
    )


def _figures(labelled: Sequence[Labelled], rows: Any, emotions: Sequence[int]) -> dict[str, float]:
    """The share of right answers for each file, from models that had seen none of the file."""
    import numpy

    truth = numpy.array(emotions)
    named = sorted({m.file for m in labelled})
    of_file = numpy.array([named.index(m.file) for m in labelled])
    answers = numpy.zeros(len(truth), dtype=int)
    for fold in range(min(FOLDS, len(named))):
        unseen = of_file % FOLDS == fold
        if not unseen.all():
            answers[unseen] = _regression(rows[~unseen], truth[~unseen]).predict(rows[unseen])
    right = answers == truth
    figures = {name: round(float(right[of_file == at].mean()), 3) for at, name in enumerate(named)}
    return {**figures, "all": round(float(right.mean()), 3)}


def _quantised(table: Any) -> tuple[list[float], bytes]:
    """The table as signed bytes with one scale an emotion."""
    import numpy

    scales = numpy.maximum(numpy.abs(table).max(axis=0), 1e-9) / 127
    return [float(f"{scale:.6g}") for scale in scales], numpy.rint(table / scales).astype(
        numpy.int8
    ).tobytes()


def _written(
    names: Sequence[str], start: Any, of: Any, scales: Sequence[float], figures: dict[str, float]
) -> str:
    lines = [
        "# What speaks for each feeling: log-odds of each sign at full value. `triage train` writes this.",
        "# `scale` turns the bytes of emotion.bin into log-odds. The largest sum wins.",
    ]
    for at, emotion in enumerate(EMOTIONS):
        lines += ["", f"[{emotion.value}]", f"start = {start[at]:.4f}", f"scale = {scales[at]!r}"]
        heaviest = sorted(zip(names, of[at], strict=True), key=lambda pair: (-abs(pair[1]), pair[0]))
        lines += ["", f"[{emotion.value}.signs]"]
        lines += [f"{name} = {weight:.3f}" for name, weight in heaviest if abs(weight) >= 5e-4]
    lines += ["", "# The share of right answers in files that the model had not seen.", "[figures]"]
    return "\n".join([*lines, *(f"{name} = {share}" for name, share in figures.items())]) + "\n"
