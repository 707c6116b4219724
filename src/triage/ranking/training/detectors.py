"""What the trained detectors share: rows of marks and wording, the regression, and the files written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.errors import NotFoundError
from triage.ranking.ngrams import Bag, row
from triage.ranking.scenes import Marks

_LEAST = 0.05  # smaller weights of marks are left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A sparse matrix: each example's marks, then its wording times `wording_counts`."""

    names: list[str]
    matrix: Any
    wording_counts: float


def labelled(folder: Path, prefix: str) -> list[tuple[Path, dict[str, Any]]]:
    """The lines of the files that begin so. Raises NotFoundError."""
    paths = sorted(folder.glob(f"{prefix}*.jsonl"))
    if not paths:
        raise NotFoundError(f"{folder} holds no {prefix}*.jsonl", hint="give the folder training/")
    return [(path, json.loads(line)) for path in paths for line in path.read_text("utf-8").splitlines()]


def rows(
    examples: Sequence[tuple[Marks, Bag]], size: int, *, wording_counts: float, names: Sequence[str]
) -> Rows:
    from scipy.sparse import csr_matrix

    column = {name: at for at, name in enumerate(names)}
    values: list[float] = []
    places: list[int] = []
    ends = [0]
    for marks, wording in examples:
        known = {column[name]: value for name, value in marks.items() if name in column}
        grams = row(wording, size)
        places += [*known, *(len(names) + place for place in grams)]
        values += [*known.values(), *(value * wording_counts for value in grams.values())]
        ends.append(len(places))
    matrix = csr_matrix((values, places, ends), shape=(len(examples), len(names) + size))
    return Rows(names=list(names), matrix=matrix, wording_counts=wording_counts)


def regression(matrix: Any, labels: Sequence[bool], counts: Sequence[float], *, penalty: float) -> Any:
    """A logistic regression without a start; `counts` weigh the examples, `penalty` is sklearn's C."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=penalty, solver="liblinear", tol=1e-3, random_state=0, fit_intercept=False)
    return model.fit(matrix, labels, sample_weight=counts)


def write(
    folder: Path,
    name: str,
    made_of: Rows,
    fits: Mapping[str, Any],
    thresholds: Mapping[str, float],
    figures: Mapping[str, float],
) -> None:
    """`<name>.toml` and `<name>.bin`, as `ranking.detector` reads them; `fits` by head."""
    import numpy as np

    number = len(made_of.names)
    table = np.array([fit.coef_[0][number:] * made_of.wording_counts for fit in fits.values()])
    scales = [float(np.abs(head).max()) / 127 or 1.0 for head in table]
    rounded = np.rint(table / np.array(scales)[:, None]).astype(np.int8)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.bin").write_bytes(rounded.T.tobytes())
    lines = [
        f"# A detector: {name}. Written by `triage train`; how it reads: triage.ranking.{name}.",
        "\n[thresholds]  # log-odds from which on something is found",
        *(f"{key} = {threshold:.4f}" for key, threshold in thresholds.items()),
        "\n[figures]  # shares, by detectors that had not seen the message",
        *(f'"{key}" = {value}' for key, value in figures.items()),
        "\n[scales]",
        *(f"{head} = {scale:.8f}" for head, scale in zip(fits, scales, strict=True)),
    ]
    for head, fit in fits.items():
        lines.append(f"\n[{head}]")
        lines += [
            f'"{mark}" = {weight:.3f}'
            for mark, weight in zip(made_of.names, fit.coef_[0][:number], strict=True)
            if abs(weight) >= _LEAST
        ]
    (folder / f"{name}.toml").write_text("\n".join(lines) + "\n", "utf-8")
