"""Labels of messages: what people said of them, from a labels.csv or a labelled .jsonl.

    labelled = read(Path("mails/labels.csv"))      labelled.mails is where the messages are

A CSV has the columns `file` (the mail's name in the same folder) and `verdict`, a line of JSON
`id` and `verdict` beside its text; `priority` (0..100) may be there. Others are not looked at.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from triage.errors import InputError, NotFoundError
from triage.types import Verdict

CSV_NAME = "labels.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    verdict: Verdict
    priority: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """Labels by the id that `files.read(mails)` gives to the message."""

    mails: Path
    labels: dict[str, Label]
    without: int = 0  # lines that have no verdict


def read(path: Path) -> Labelled:
    """The labels of a CSV, of a folder that holds one, or of a .jsonl.

    Raises NotFoundError, and InputError with the line for what is no label.
    """
    if path.is_dir():
        path = path / CSV_NAME
    if not path.exists():
        raise NotFoundError(f"{path}: no such file", hint=f"a folder of mails needs a {CSV_NAME}")
    is_csv = path.suffix.lower() == ".csv"
    labels: dict[str, Label] = {}
    without = 0
    try:
        for number, row in _csv(path) if is_csv else _json_lines(path):
            place = f"{path}:{number}"
            if not row.get("verdict"):
                without += 1
                continue
            id = str(row.get("file" if is_csv else "id") or ("" if is_csv else number))
            if not id or id in labels:
                raise InputError(f"{place}: " + (f"{id} is there twice" if id else "it names no file"))
            labels[id] = _label(row, place)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: {error}") from None
    if not labels:
        raise InputError(f"{path}: no verdict in it", hint="each line needs a verdict: call, reply or none")
    return Labelled(mails=path.parent if is_csv else path, labels=labels, without=without)


def _label(row: Mapping[str, object], place: str) -> Label:
    try:
        verdict = Verdict(str(row["verdict"]).strip())
    except ValueError:
        raise InputError(
            f"{place}: {row['verdict']!r} is no verdict", hint="it is call, reply or none"
        ) from None
    given = row.get("priority")
    if given is None or given == "":
        return Label(verdict=verdict)
    try:
        priority = float(str(given))
    except ValueError:
        priority = -1.0
    if not 0 <= priority <= 100:
        raise InputError(f"{place}: {given!r} is no priority", hint="it is a number from 0 to 100")
    return Label(verdict=verdict, priority=priority)


def _csv(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        for row in rows:
            yield rows.line_num, row


def _json_lines(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise InputError(f"{path}:{number}: no JSON: {error}") from None
            if not isinstance(row, dict):
                raise InputError(f"{path}:{number}: not an object")
            yield number, row
