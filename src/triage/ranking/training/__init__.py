"""Training: the labelled corpus becomes weights. Needs the `train` extra (scikit-learn).

Each module trains one thing and writes its files into a folder of weights; the same corpus
gives the same files, bit for bit on one machine. `train` does all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any


def train(folder: Path, weights: Path, *, leave_out: Iterable[str] = ()) -> dict[str, Any]:
    """Train everything that is trained; returns the score's figures for each file."""
    from triage.ranking.training import corpus, danger, emotion, key_sentence, score, wishes

    left_out = tuple(leave_out)
    seen = [score.see(m) for m in corpus.read(folder, leave_out=left_out)]
    figures, needs = score.fit_and_write(seen, folder, weights)
    needs |= danger.needs_of(folder, weights)
    danger.train(folder, weights, leave_out=left_out, needs=needs)
    for module in (wishes, emotion, key_sentence):
        module.train(folder, weights, leave_out=left_out)
    return figures
