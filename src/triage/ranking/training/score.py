"""Trains the score: call against not, nobody-waits against rest, and the order by priority.

Two logistic regressions and one ridge regression over the same signs and n-grams. The score's
log-odds are a blend of "call" and "priority" (the first tells calls from the rest, the second
orders what is alike), less what "nobody waits" takes off; Platt's scaling over out-of-file
predictions makes them chances. All of it is linear, so it folds into one weight a sign and
one a hashed n-gram. Deterministic: fixed folds, no random start.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.errors import ConfigError
from triage.intake import automatic
from triage.ranking.assess import observe
from triage.ranking.evaluate import auc, average_precision, calibration, spearman
from triage.ranking.model import squashed
from triage.ranking.ngrams import Bag, row
from triage.ranking.training import corpus
from triage.ranking.training.corpus import Labelled
from triage.types import Cue

SIZE = 1 << 17  # rows of the table of n-grams
SIGNS_COUNT = 0.5  # a sign's value against an n-gram's, as the penalty sees them
CALL, PRIORITY, NOBODY = 0.5, 0.3, 0.3  # the blend, chosen on out-of-file predictions
CALL_C, NOBODY_C, RIDGE = 2.0, 4.0, 1.0
LEAST_OF_A_NEED = 0.05  # log-odds
FOLDS = 6
NATURAL = "inbox-"  # files that begin so have the base rate of real inboxes
NATURAL_COUNTS = 4.0  # in the calibration

# A sign of need never counts against a call, whatever the corpus happens to hold.
_NEVER_AGAINST = frozenset({c.value for c in Cue} | {"sentiment", "shouting", "exclamation", "repetition"})
_BY_HAND = ("context_", "brief_", "automated", "solved")  # weights.toml sets these


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One message as training sees it."""

    labelled: Labelled
    signs: Mapping[str, float]
    wording: Bag
    machine: bool  # its text alone shows that it is automated, or that it is solved


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """Coefficients in log-odds: of the n-grams (numpy arrays), of the signs, of the starts."""

    names: tuple[str, ...]
    start: float
    signs: Any
    grams: Any
    nobody_start: float
    nobody_signs: Any
    nobody_grams: Any
    takes: float

    def log_odds(self, signs: Any, grams: Any) -> Any:
        import numpy

        nobody = self.nobody_start + signs @ self.nobody_signs + grams @ self.nobody_grams
        call = self.start + signs @ self.signs + grams @ self.grams
        return call - self.takes * numpy.logaddexp(0.0, nobody)


def train(folder: Path, weights: Path, *, leave_out: Iterable[str] = ()) -> dict[str, Any]:
    """Write model.toml and wording.bin into `weights`; returns the measured figures.

    Raises ConfigError without scikit-learn, NotFoundError, InputError.
    """
    seen = [see(m) for m in corpus.read(folder, leave_out=leave_out)]
    figures, _ = fit_and_write(seen, folder, weights)
    return figures


def fit_and_write(
    seen: Sequence[Seen], folder: Path, weights: Path
) -> tuple[dict[str, Any], dict[tuple[str, str], float]]:
    """(figures, log-odds of each message (file, id) by a model that had not seen its file)."""
    _needs_sklearn()
    names = tuple(sorted({n for s in seen for n in s.signs if not n.startswith(_BY_HAND)}))
    signs, grams, idf = _matrices(seen, names)
    out_of_file = _out_of_file(seen, names, signs, grams)
    slope, shift = _platt(seen, out_of_file)
    fitted = _scaled(_fit(seen, names, signs, grams), slope, shift)
    chances = slope * out_of_file + shift
    figures = _figures(seen, chances)
    about = (
        tomllib.loads((folder / "corpus.toml").read_text("utf-8"))
        if (folder / "corpus.toml").is_file()
        else {}
    )
    weights.mkdir(parents=True, exist_ok=True)
    scales, content = _quantised(fitted, idf)
    (weights / "wording.bin").write_bytes(content)
    (weights / "model.toml").write_text(
        _table(fitted, scales, figures, _reliability(seen, chances), about, corpus.digest(folder)), "utf-8"
    )
    return figures, {(s.labelled.file, s.labelled.id): float(o) for s, o in zip(seen, chances, strict=True)}


def see(labelled: Labelled) -> Seen:
    message = labelled.message
    observed = observe(message)
    return Seen(
        labelled=labelled,
        signs={f.name: f.value for f in observed.features},
        wording=observed.wording,
        machine=automatic.judge_text(message.subject, message.new_text) is not None
        or automatic.is_solved(message.subject, message.new_text),
    )


# --------------------------------------------------------------------------- fitting


def _needs_sklearn() -> None:
    try:
        import sklearn  # noqa: F401 - is it there?
    except ImportError:
        raise ConfigError(
            "training needs scikit-learn", hint="pip install 'triage-desk[train]'", code="missing_extra"
        ) from None


def _matrices(seen: Sequence[Seen], names: Sequence[str]) -> tuple[Any, Any, Any]:
    import numpy
    from scipy.sparse import csr_matrix

    signs = numpy.array([[s.signs.get(name, 0.0) for name in names] for s in seen]) * SIGNS_COUNT
    places: list[int] = []
    values: list[float] = []
    ends = [0]
    for s in seen:
        own = row(s.wording, SIZE)
        places += own
        values += own.values()
        ends.append(len(places))
    grams = csr_matrix((values, places, ends), shape=(len(seen), SIZE))
    grams.sort_indices()
    shown = numpy.asarray((grams > 0).sum(axis=0)).ravel()
    idf = numpy.log((1 + len(seen)) / (1 + shown)) + 1
    idf[shown < 2] = 0.0  # seen once, it is known for that one message only
    return signs, grams.multiply(idf).tocsr(), idf


def _fit(seen: Sequence[Seen], names: tuple[str, ...], signs: Any, grams: Any) -> Fitted:
    import numpy
    from scipy.sparse import csr_matrix, hstack
    from sklearn.linear_model import LogisticRegression, Ridge

    call = numpy.array([s.labelled.verdict == "call" for s in seen])
    nobody = numpy.array([s.labelled.verdict == "none" for s in seen])
    priority = numpy.array([s.labelled.priority for s in seen])
    kept = numpy.ones(len(names), dtype=bool)
    while True:  # signs that came out against a call are left out, and the rest fitted again
        both = hstack([csr_matrix(signs * kept), grams]).tocsr()
        calls = LogisticRegression(
            C=CALL_C, class_weight="balanced", solver="liblinear", max_iter=300, random_state=0
        ).fit(both, call)
        against = kept & (calls.coef_[0][: len(names)] < 0) & [n in _NEVER_AGAINST for n in names]
        if not against.any():
            break
        kept &= ~against
    waits = LogisticRegression(
        C=NOBODY_C, class_weight="balanced", solver="liblinear", max_iter=300, random_state=0
    ).fit(both, nobody)
    order = Ridge(alpha=RIDGE, solver="sparse_cg", max_iter=80).fit(
        both, numpy.log((priority + 2) / (102 - priority))
    )
    blend = CALL * calls.coef_[0] + PRIORITY * order.coef_
    own = blend[: len(names)] * SIGNS_COUNT
    need = [n in _NEVER_AGAINST for n in names]
    own[need] = numpy.maximum(own[need], LEAST_OF_A_NEED)
    return Fitted(
        names=names,
        start=float(CALL * calls.intercept_[0] + PRIORITY * order.intercept_),
        signs=own / SIGNS_COUNT,
        grams=blend[len(names) :],
        nobody_start=float(waits.intercept_[0]),
        nobody_signs=waits.coef_[0][: len(names)],
        nobody_grams=waits.coef_[0][len(names) :],
        takes=NOBODY,
    )


def _out_of_file(seen: Sequence[Seen], names: tuple[str, ...], signs: Any, grams: Any) -> Any:
    """Log-odds of each message from a model that saw no message of its file."""
    import numpy

    in_order = sorted({s.labelled.file for s in seen})
    fold = {name: number % FOLDS for number, name in enumerate(in_order)}
    folds = numpy.array([fold[s.labelled.file] for s in seen])
    found = numpy.zeros(len(seen))
    for number in range(FOLDS):
        mine = folds == number
        if mine.any() and not mine.all():
            kept = [s for s, own in zip(seen, mine, strict=True) if not own]
            found[mine] = _fit(kept, names, signs[~mine], grams[~mine]).log_odds(signs[mine], grams[mine])
    return found


def _platt(seen: Sequence[Seen], found: Any) -> tuple[float, float]:
    """Slope and shift that make log-odds chances, natural inboxes counting most (Platt 1999)."""
    import numpy
    from sklearn.linear_model import LogisticRegression

    if not numpy.any(found):  # a single file: nothing was predicted out of it
        return 1.0, 0.0
    call = [s.labelled.verdict == "call" for s in seen]
    counts = [NATURAL_COUNTS if s.labelled.file.startswith(NATURAL) else 1.0 for s in seen]
    fitted = LogisticRegression(C=1e6, solver="lbfgs").fit(numpy.array(found).reshape(-1, 1), call, counts)
    return float(fitted.coef_[0][0]), float(fitted.intercept_[0])


def _scaled(fitted: Fitted, slope: float, shift: float) -> Fitted:
    return Fitted(
        names=fitted.names,
        start=slope * fitted.start + shift,
        signs=slope * fitted.signs,
        grams=slope * fitted.grams,
        nobody_start=fitted.nobody_start,
        nobody_signs=fitted.nobody_signs,
        nobody_grams=fitted.nobody_grams,
        takes=slope * fitted.takes,
    )


# --------------------------------------------------------------------------- writing


def _quantised(fitted: Fitted, idf: Any) -> tuple[tuple[float, float], bytes]:
    """The n-grams' weights as signed bytes, row by row, and each head's scale."""
    import numpy

    columns, scales = [], []
    for head in (fitted.grams * idf, fitted.nobody_grams * idf):
        largest = float(numpy.quantile(numpy.abs(head[head != 0]), 0.9995)) or 1.0
        scale = round(largest / 127, 9)
        columns.append(numpy.clip(numpy.rint(head / scale), -127, 127).astype(numpy.int8))
        scales.append(scale)
    return (scales[0], scales[1]), bytes(numpy.stack(columns, axis=1).tobytes())


def _figures(seen: Sequence[Seen], log_odds: Any) -> dict[str, Any]:
    """Out-of-file measures of each file, and how far the chances can be trusted."""
    figures: dict[str, Any] = {}
    odds = [-12.0 if s.machine else float(o) for s, o in zip(seen, log_odds, strict=True)]
    for file in sorted({s.labelled.file for s in seen}):
        mine = [n for n, s in enumerate(seen) if s.labelled.file == file]
        calls = [seen[n].labelled.verdict == "call" for n in mine]
        scores = [odds[n] for n in mine]
        figures[file] = {
            "messages": len(mine),
            "average_precision": round(average_precision(calls, scores) or 0.0, 3),
            "auc": round(auc(calls, scores) or 0.0, 3),
            "spearman": round(spearman([seen[n].labelled.priority for n in mine], scores) or 0.0, 3),
        }
    return figures


def _reliability(seen: Sequence[Seen], log_odds: Any) -> list[str]:
    """Of the messages of natural inboxes in each ten points of score, how many are calls."""
    natural = [
        (s.labelled.verdict == "call", 0.0 if s.machine else squashed(float(o)))
        for s, o in zip(seen, log_odds, strict=True)
        if s.labelled.file.startswith(NATURAL)
    ]
    bins = calibration([call for call, _ in natural], [score for _, score in natural])
    return [
        f'"{b.least} to {b.below}" = {{ messages = {b.mails}, calls = {b.calls},'
        f" mean_score = {b.mean_score or 0:.1f} }}"
        for b in bins
    ]


def _table(
    fitted: Fitted,
    scales: tuple[float, float],
    figures: Mapping[str, Any],
    reliability: Sequence[str],
    about: Mapping[str, Any],
    digest: str,
) -> str:
    """model.toml: written so that a person can read it, and the same bytes for the same corpus."""

    def section(title: str, values: Any) -> list[str]:
        pairs = sorted(zip(fitted.names, values, strict=True), key=lambda pair: -abs(pair[1]))
        lines = [
            f"{name} = {value * SIGNS_COUNT:.4f}" for name, value in pairs if abs(value * SIGNS_COUNT) >= 5e-5
        ]
        return ["", f"[{title}]", *lines]

    lines = [
        "# Trained weights of the ranking, in log-odds: `triage train` writes this file.",
        "# To set one by hand, put it into weights.toml, which wins over this file.",
        "",
        f"version = {about.get('version', 0)}",
        f'date = "{about.get("date", "")}"',
        f'corpus = "{digest}"',
        f"start = {fitted.start:.4f}",
        f"nobody_start = {fitted.nobody_start:.4f}",
        f"nobody_takes = {fitted.takes:.4f}",
        f"scales = [{scales[0]!r}, {scales[1]!r}]",
        *section("call", fitted.signs),
        *section("nobody", fitted.nobody_signs),
    ]
    lines += [
        "",
        "# Of messages in natural inboxes, unseen by the model, how many with such a score are calls.",
    ]
    lines += ["[reliability]", *reliability]
    lines += ["", "# Measured on messages of files that the model had not seen."]
    for file, measures in figures.items():
        lines += ["", f"[figures.{file}]", *(f"{name} = {value}" for name, value in measures.items())]
    return "\n".join(lines) + "\n"
