"""Trains the detector of danger: logistic regressions over scenes, rule hits and wording.

The files danger-*.jsonl hold messages of people in danger and their look-alikes; all other
files hold ordinary mail, which nobody should be alarmed by. Ordinary calls about safety,
harm or a vulnerable person are left out: some are dangers, and nobody labelled which.
Writes danger.toml (figures, threshold, weights by name) and danger.bin (wording).
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.ranking import danger, scenes
from triage.ranking.assess import observe
from triage.ranking.cues import LANGUAGES
from triage.ranking.ngrams import Bag
from triage.ranking.scenes import Marks, Reading
from triage.ranking.training import corpus, detectors
from triage.types import Cue, Hit

SIZE = 1 << 16  # rows of the table
FOLDS = 5
LOOK_ALIKES, ORDINARY = 0.18, 0.055  # how many may be lifted in training, where they are hard on purpose
LEAST_ODDS = 0.3  # the lowest threshold: a few words that say nothing are no danger

_PENALTY = 0.5
_WORDING_COUNTS = 8.0  # the wording against the marks, as the penalty sees them
_LEAST_MARKED = 4  # messages that show a mark, for it to be learnt
_PRESENT = frozenset({Cue.SAFETY_HARM.value, Cue.LIFE_AT_RISK.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A message as the detector reads it. `label` is life | danger | none."""

    id: str
    file: str
    label: str
    language: str
    wording: Bag
    reading: Reading
    hits: tuple[Hit, ...]
    ordinary: bool = False
    verdict: str = ""

    @property
    def plain(self) -> bool:
        return scenes.scenes(self.reading.language).plain(self.reading.lines) is not None

    @property
    def marks(self) -> Marks:
        shown: Marks = {}
        for own in danger.marks(self.wording.sentences, self.reading, self.hits):
            shown.update(own)
        return shown


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
    marked = [(e.marks, e.wording) for e in examples]
    shown = Counter(name for marks, _ in marked for name in marks)
    names = sorted(name for name, number in shown.items() if number >= _LEAST_MARKED)
    made_of = detectors.rows(marked, SIZE, wording_counts=_WORDING_COUNTS, names=names)
    labels = [e.label != "none" for e in examples]
    fold = np.array([zlib.crc32(f"{e.file}/{e.id}".encode()) % FOLDS for e in examples])
    odds = np.zeros(len(examples))
    for number in range(FOLDS):
        away = fold == number
        known = [label for label, left in zip(labels, away, strict=True) if not left]
        fitted = detectors.regression(made_of.matrix[~away], known, [1.0] * len(known), penalty=_PENALTY)
        odds[away] = fitted.decision_function(made_of.matrix[away])
    odds += [danger.suspicion((needs or {}).get((e.file, e.id), -9.0)) for e in examples]
    odds -= [danger.brevity(e.wording) for e in examples]
    thresholds = {name: _threshold(name, examples, odds.tolist()) for name in LANGUAGES}
    lifted = [e.plain or bool(o >= thresholds[e.language]) for o, e in zip(odds, examples, strict=True)]
    unsure = {name: danger.unsure_from(least) for name, least in thresholds.items()}
    looked_at = [e.plain or bool(o >= unsure[e.language]) for o, e in zip(odds, examples, strict=True)]
    figures = _figures(examples, lifted)
    seen = _figures(examples, looked_at)
    figures |= {f"seen_{name}": seen[name] for name in ("recall", "look_alikes", "ordinary")}
    of_danger = [at for at, label in enumerate(labels) if label]
    fits = {
        "danger": detectors.regression(made_of.matrix, labels, [1.0] * len(labels), penalty=_PENALTY),
        # among those in danger: a life at risk against a present danger
        "life": detectors.regression(
            made_of.matrix[of_danger],
            [examples[at].label == "life" for at in of_danger],
            [1.0] * len(of_danger),
            penalty=_PENALTY,
        ),
    }
    detectors.write(weights, "danger", made_of, fits, thresholds, figures)
    return figures


def read(folder: Path, *, leave_out: Iterable[str] = ()) -> list[Example]:
    """The examples of a folder. Raises NotFoundError, InputError."""
    found = []
    for path, row in detectors.labelled(folder, corpus.DANGER):
        seen = observe(corpus.message(row["id"], row["subject"], row["body"]))
        found.append(
            Example(
                id=row["id"],
                file=path.stem,
                label=row["danger"],
                language=row["lang"],
                wording=seen.wording,
                reading=_reading(seen.wording, seen.language, row["lang"]),
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
                wording=seen.wording,
                reading=_reading(seen.wording, seen.language, labelled.language),
                hits=seen.hits,
                ordinary=True,
                verdict=labelled.verdict,
            )
        )
    return [example for example in found if any(example.wording.sentences)]


def _reading(wording: Bag, spoken: str, language: str) -> Reading:
    """As the mail's own language, if that was recognised, else as the labelled one."""
    return scenes.readings(wording.sentences, spoken if spoken in LANGUAGES else language)[0]


def needs_of(folder: Path, weights: Path) -> dict[tuple[str, str], float]:
    """What the freshly trained score thinks of the files of danger, which it was not trained on."""
    from triage.ranking.model import score, weights_in

    trained = weights_in(weights)
    needs = {}
    for path, row in detectors.labelled(folder, corpus.DANGER):
        seen = observe(corpus.message(row["id"], row["subject"], row["body"]))
        needs[path.stem, str(row["id"])] = score(seen.features, seen.wording, weights=trained).log_odds
    return needs


def _is_grave(labelled: corpus.Labelled) -> bool:
    return labelled.priority >= 85 and Cue.VULNERABLE_BEREAVED.value in labelled.cues


def _threshold(language: str, examples: Sequence[Example], odds: Sequence[float]) -> float:
    """The least log-odds at which neither look-alikes nor ordinary mail are lifted too often."""
    own = [(e, float(o)) for e, o in zip(examples, odds, strict=True) if e.language == language]
    look_alikes = sorted(o for e, o in own if e.label == "none" and not e.ordinary)
    ordinary = sorted(o for e, o in own if e.ordinary and e.verdict != "call")
    limits = [(look_alikes, LOOK_ALIKES), (ordinary, ORDINARY)]
    return max(LEAST_ODDS, *(group[-1 - int(len(group) * share)] + 1e-4 for group, share in limits))


def _figures(examples: Sequence[Example], found: Sequence[bool]) -> dict[str, float]:
    """Shares found: of those in danger (recall), of look-alikes, of ordinary calls, and of other mail."""
    groups: dict[str, list[bool]] = {}
    for example, up in zip(examples, found, strict=True):
        if example.ordinary:
            kind = "calls" if example.verdict == "call" else "ordinary"
            for name in (kind, f"{kind}_{example.file}"):
                groups.setdefault(name, []).append(up)
            continue
        kind = "look_alikes" if example.label == "none" else "recall"
        for name in (kind, f"{kind}_{example.language}"):
            groups.setdefault(name, []).append(up)
        if kind == "recall":
            groups.setdefault(f"recall_{example.label}", []).append(up)
    return {name: round(sum(group) / len(group), 3) for name, group in sorted(groups.items())}
