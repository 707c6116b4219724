"""A team's own feedback as further training: installed only if it does not rank their mail worse."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.errors import InputError
from triage.ranking.evaluate import average_precision
from triage.ranking.model import Weights, score
from triage.ranking.training import corpus
from triage.ranking.training.corpus import Labelled
from triage.ranking.training.score import Seen, fit_and_write, see
from triage.types import Verdict

FEWEST = 30  # messages with feedback
FEWEST_OF_A_KIND = 5  # calls, and others
FOLDS = 3
PRIORITY = {Verdict.CALL: 75.0, Verdict.REPLY: 20.0, Verdict.NONE: 1.0}  # feedback knows no finer order
FILE = "feedback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Average precision on the team's mail: with the present weights, and refitted (on mail not seen)."""

    messages: int
    present: float
    refitted: float

    @property
    def worse(self) -> bool:
        return self.refitted < self.present


def labelled(said: Sequence[tuple[str, str, str, Verdict]]) -> list[Labelled]:
    """Feedback as labelled messages, from (id, subject, newly written text, verdict)."""
    return [
        Labelled(
            id=key,
            file=FILE,
            message=corpus.message(key, subject, text),
            verdict=verdict.value,
            priority=PRIORITY[verdict],
            cues=frozenset(),
            emotion="",
            language="",
            key="",
        )
        for key, subject, text, verdict in said
        if text.strip()
    ]


def compare(base: Sequence[Seen], own: Sequence[Seen], *, present: Weights, scratch: Path) -> Comparison:
    """Cross-validate a refit on the team's mail. Raises InputError for too little feedback."""
    from triage.ranking.model import weights_in

    calls = [s.labelled.verdict == Verdict.CALL for s in own]
    if len(own) < FEWEST or min(sum(calls), len(calls) - sum(calls)) < FEWEST_OF_A_KIND:
        raise InputError(
            f"{len(own)} messages with feedback, {sum(calls)} of them calls: too few to learn from",
            hint=f"at least {FEWEST}, with {FEWEST_OF_A_KIND} of each kind: triage feedback ID call|reply|none",
        )
    before = [_score(s, present) for s in own]
    after = [0.0] * len(own)
    for fold in range(FOLDS):
        mine = [n for n in range(len(own)) if n % FOLDS == fold]
        others = [s for n, s in enumerate(own) if n % FOLDS != fold]
        folder = scratch / f"fold-{fold}"
        fit_and_write([*base, *others], scratch, folder)
        refitted = weights_in(folder)
        for n in mine:
            after[n] = _score(own[n], refitted)
        shutil.rmtree(folder)
    return Comparison(
        messages=len(own),
        present=average_precision(calls, before) or 0.0,
        refitted=average_precision(calls, after) or 0.0,
    )


def _score(seen: Seen, weights: Weights) -> float:
    from triage.ranking.assess import observe

    observed = observe(seen.labelled.message)
    return score(observed.features, observed.wording, weights=weights).score


def base_of(folder: Path, leave_out: Sequence[str] = ()) -> list[Seen]:
    """The shipped corpus as training sees it."""
    return [see(m) for m in corpus.read(folder, leave_out=leave_out)]


def install(made: Path, into: Path) -> None:
    """Put new weights in place of the team's; the former ones stay for `revert`."""
    former = into.with_name(into.name + ".former")
    if into.exists():
        shutil.rmtree(former, ignore_errors=True)
        into.rename(former)
    shutil.copytree(made, into)


def revert(into: Path) -> str:
    """Back to the team's former weights, else to the shipped ones; says which."""
    former = into.with_name(into.name + ".former")
    if not into.exists():
        raise InputError("there are no weights of your own to take back", hint="the shipped ones are in use")
    shutil.rmtree(into)
    if former.exists():
        former.rename(into)
        return "your former weights are in use again"
    return "the shipped weights are in use again"


def figures_of(figures: dict[str, Any]) -> list[dict[str, Any]]:
    """The measured figures as rows."""
    return [{"file": file, **measures} for file, measures in figures.items()]
