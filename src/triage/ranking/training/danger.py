"""Trains the detector of danger: logistic regressions over scenes, rule hits and wording.

The files danger-*.jsonl hold messages of people in danger and their look-alikes; all other
files hold ordinary mail, which nobody should be alarmed by. Ordinary calls about safety,
harm or a vulnerable person are left out: some are dangers, and nobody labelled which.
Writes danger.toml (figures, threshold, weights by name) and danger.bin (wording).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.errors import NotFoundError
from triage.ranking import danger
from triage.ranking.assess import observe
from triage.ranking.cues import LANGUAGES
from triage.ranking.ngrams import rows
from triage.ranking.training import corpus
from triage.types import Cue, Hit

SIZE = 1 << 15  # rows of the table
FOLDS = 5
LOOK_ALIKES, ORDINARY = 0.10, 0.03  # how many may be lifted: the thresholds are set so
LEAST_ODDS = 0.1  # the lowest threshold: a few words that say nothing are no danger

_C = 0.1
_WORDING_COUNTS = 5.0  # the wording against the marks, as the penalty sees them
_ORDINARY_COUNTS = 0.4  # an ordinary message against one written for danger
_PRESENT = frozenset({Cue.SAFETY_HARM.value, Cue.LIFE_AT_RISK.value})
_FIRST = "danger-first"  # what the rules were written with: never to be missed, and in no figure
_FIRST_COUNTS = 10.0
_LEAST = 0.004  # smaller weights are left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A message as the detector reads it. `label` is life | danger | none."""

    id: str
    file: str
    label: str
    language: str
    texts: list[str]
    spoken: str
    hits: tuple[Hit, ...]
    ordinary: bool = False
    verdict: str = ""

    @property
    def read_as(self) -> str:
        return self.spoken if self.spoken in LANGUAGES else self.language

    @property
    def plain(self) -> bool:
        shown = danger.scenes(self.read_as)
        return any(shown.plain_cue(text) for text in self.texts)


def train(
    folder: Path,
    weights: Path,
    *,
    leave_out: Iterable[str] = (),
    needs: Mapping[tuple[str, str], float] | None = None,
) -> dict[str, float]:
    """Write the weights; returns cross-validated shares of what is lifted.

    `needs`: (file, id) → log-odds of a call by a model that had not seen the message.
    """
    import numpy as np

    examples = read(folder, leave_out=leave_out)
    names, matrix = _matrix(examples)
    fold = np.array([zlib.crc32(f"{e.file}/{e.id}".encode()) % FOLDS for e in examples])
    odds = np.zeros(len(examples))
    for number in range(FOLDS):
        away = fold == number
        odds[away] = _fitted(matrix[~away], [e for e, a in zip(examples, away, strict=True) if not a])(
            matrix[away]
        )
    odds += [danger.suspicion((needs or {}).get((e.file, e.id), -9.0)) for e in examples]
    thresholds = {name: _threshold(name, examples, odds.tolist()) for name in LANGUAGES}
    lifted = [e.plain or bool(o >= thresholds[e.language]) for o, e in zip(odds, examples, strict=True)]
    figures = _figures(examples, lifted)
    fits = [
        _logistic(matrix, [e.label != "none" for e in examples], [_counts(e) for e in examples]),
        _of_kind(matrix, examples),
    ]
    weights.mkdir(parents=True, exist_ok=True)
    _write(weights, names, fits, thresholds, figures)
    return figures


def read(folder: Path, *, leave_out: Iterable[str] = ()) -> list[Example]:
    """The examples of a folder. Raises NotFoundError, InputError."""
    paths = sorted(folder.glob(f"{corpus.OTHER}*.jsonl"))
    if not paths:
        raise NotFoundError(f"{folder} holds no {corpus.OTHER}*.jsonl", hint="give the folder training/")
    found = []
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            row: dict[str, Any] = json.loads(line)
            seen = observe(corpus.message(row["id"], row["subject"], row["body"]))
            found.append(
                Example(
                    id=row["id"],
                    file=path.stem,
                    label=row["danger"],
                    language=row["lang"],
                    texts=danger.told(seen.sentences, seen.subject),
                    spoken=seen.language,
                    hits=seen.hits,
                )
            )
    for labelled in corpus.read(folder, leave_out=leave_out):
        if labelled.verdict == "call" and (labelled.cues & _PRESENT or _is_grave(labelled)):
            continue
        seen = observe(labelled.message)
        found.append(
            Example(
                id=labelled.id,
                file=labelled.file,
                label="none",
                language=labelled.language,
                texts=danger.told(seen.sentences, seen.subject),
                spoken=seen.language,
                hits=seen.hits,
                ordinary=True,
                verdict=labelled.verdict,
            )
        )
    return [example for example in found if example.texts]


def needs_of(folder: Path, weights: Path) -> dict[tuple[str, str], float]:
    """What the freshly trained score thinks of the files of danger, which it was not trained on."""
    from triage.ranking.model import score, weights_in

    trained = weights_in(weights)
    needs = {}
    for path in sorted(folder.glob(f"{corpus.OTHER}*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row: dict[str, Any] = json.loads(line)
            seen = observe(corpus.message(row["id"], row["subject"], row["body"]))
            needs[path.stem, str(row["id"])] = score(seen.features, seen.wording, weights=trained).log_odds
    return needs


def _is_grave(labelled: corpus.Labelled) -> bool:
    return labelled.priority >= 85 and Cue.VULNERABLE_BEREAVED.value in labelled.cues


def _counts(example: Example) -> float:
    if example.ordinary:
        return _ORDINARY_COUNTS
    return _FIRST_COUNTS if example.file == _FIRST else 1.0


def _matrix(examples: Sequence[Example]) -> tuple[list[str], Any]:
    """The names of the marks; and each example's marks, then its wording, as a sparse row."""
    from scipy.sparse import csr_matrix

    shown: list[danger.Marks] = []
    for example in examples:
        of_message: danger.Marks = {}
        for own in danger.marks(example.texts, example.read_as, example.hits):
            of_message.update(own)
        shown.append(of_message)
    names = sorted({name for each in shown for name in each})
    column = {name: at for at, name in enumerate(names)}
    values: list[float] = []
    places: list[int] = []
    ends = [0]
    wording = rows(("\n".join(e.texts) for e in examples), SIZE)
    for of_message, row in zip(shown, wording, strict=True):
        places += [column[name] for name in of_message]
        values += of_message.values()
        places += [len(names) + place for place in row]
        values += [value * _WORDING_COUNTS for value in row.values()]
        ends.append(len(places))
    return names, csr_matrix((values, places, ends), shape=(len(examples), len(names) + SIZE))


def _logistic(matrix: Any, labels: Sequence[bool], counts: Sequence[float]) -> Any:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=_C, solver="liblinear", tol=1e-3, random_state=0, fit_intercept=False)
    return model.fit(matrix, labels, sample_weight=counts)


def _fitted(matrix: Any, examples: Sequence[Example]) -> Any:
    labels = [e.label != "none" for e in examples]
    return _logistic(matrix, labels, [_counts(e) for e in examples]).decision_function


def _of_kind(matrix: Any, examples: Sequence[Example]) -> Any:
    """Among those in danger: a life at risk against a present danger."""
    places = [at for at, e in enumerate(examples) if e.label != "none"]
    labels = [examples[at].label == "life" for at in places]
    return _logistic(matrix[places], labels, [1.0] * len(places))


def _threshold(language: str, examples: Sequence[Example], odds: Sequence[float]) -> float:
    """The least log-odds at which neither look-alikes nor ordinary mail are lifted too often."""
    own = [(e, float(o)) for e, o in zip(examples, odds, strict=True) if e.language == language]
    look_alikes = sorted(o for e, o in own if _is_look_alike(e))
    ordinary = sorted(o for e, o in own if e.ordinary and e.verdict != "call")
    limits = [(look_alikes, LOOK_ALIKES), (ordinary, ORDINARY)]
    return max(LEAST_ODDS, *(group[-1 - int(len(group) * share)] + 1e-4 for group, share in limits))


def _is_look_alike(example: Example) -> bool:
    return example.label == "none" and not example.ordinary and example.file != _FIRST


def _figures(examples: Sequence[Example], lifted: Sequence[bool]) -> dict[str, float]:
    """Shares lifted: of those in danger (recall), of look-alikes, of ordinary replies and none."""
    groups: dict[str, list[bool]] = {}
    for example, up in zip(examples, lifted, strict=True):
        if example.file == _FIRST:
            continue
        if example.ordinary:
            if example.verdict != "call":
                groups.setdefault("ordinary", []).append(up)
                groups.setdefault(f"ordinary_{example.file}", []).append(up)
            continue
        kind = "look_alikes" if example.label == "none" else "recall"
        for name in (kind, f"{kind}_{example.language}"):
            groups.setdefault(name, []).append(up)
        if kind == "recall":
            groups.setdefault(f"recall_{example.label}", []).append(up)
    return {name: round(sum(group) / len(group), 3) for name, group in sorted(groups.items())}


def _write(
    folder: Path,
    names: Sequence[str],
    fits: Sequence[Any],
    thresholds: dict[str, float],
    figures: dict[str, float],
) -> None:
    import numpy as np

    table = np.array([fit.coef_[0][len(names) :] * _WORDING_COUNTS for fit in fits])
    scales = [float(np.abs(head).max()) / 127 or 1.0 for head in table]
    rounded = np.rint(table / np.array(scales)[:, None]).astype(np.int8)
    (folder / "danger.bin").write_bytes(rounded.T.tobytes())
    lines = [
        "# The detector of danger. Written by `triage train`; how it reads: triage.ranking.danger.",
        "\n[thresholds]  # log-odds from which on a message is lifted",
        *(f"{language} = {threshold:.4f}" for language, threshold in thresholds.items()),
        "\n[figures]  # shares lifted, by detectors that had not seen the message",
        *(f'"{name}" = {value}' for name, value in figures.items()),
        "\n[scales]",
        *(f"{head} = {scale:.8f}" for head, scale in zip(danger.HEADS, scales, strict=True)),
    ]
    for head, fit in zip(danger.HEADS, fits, strict=True):
        lines.append(f"\n[{head}]")
        lines += [
            f'"{name}" = {weight:.3f}'
            for name, weight in zip(names, fit.coef_[0][: len(names)], strict=True)
            if abs(weight) >= _LEAST
        ]
    (folder / "danger.toml").write_text("\n".join(lines) + "\n", "utf-8")
