"""The labelled corpus: files of messages as people wrote them, with what a support lead would do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from triage.errors import InputError, NotFoundError
from triage.types import Message, MessageRef

# Files that begin so have labels of their own (ranking.training.danger, ranking.training.wishes).
DANGER, FLAGS = "danger-", "flags-"
OTHER = (DANGER, FLAGS)
POSTS = "posts"  # the file of short public posts and reviews, which are no mails


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One message of the corpus. `priority` is 0..100."""

    id: str
    file: str  # without its ending
    message: Message
    verdict: str  # call | reply | none
    priority: float
    cues: frozenset[str]
    emotion: str
    language: str
    key: str  # the sentence that best states what is wrong or wanted; empty for none


def read(folder: Path, *, leave_out: Iterable[str] = ()) -> list[Labelled]:
    """All labelled messages of a folder of .jsonl files, in the order of names and lines.

    Raises NotFoundError, InputError.
    """
    paths = [
        p
        for p in sorted(folder.glob("*.jsonl"))
        if not p.name.startswith(OTHER) and p.stem not in {Path(name).stem for name in leave_out}
    ]
    if not paths:
        raise NotFoundError(
            f"{folder} holds no labelled corpus", hint="give the folder training/ of the source"
        )
    return [labelled for path in paths for labelled in _file(path)]


def digest(folder: Path) -> str:
    """What identifies a corpus: a hash over its files."""
    found = hashlib.sha256()
    for path in sorted(folder.glob("*.jsonl")):
        if path.name.startswith(OTHER):
            continue
        found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]


def _file(path: Path) -> Iterable[Labelled]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            yield Labelled(
                id=str(row["id"]),
                file=path.stem,
                message=message(str(row["id"]), row["subject"], row["body"]),
                verdict=row["verdict"],
                priority=float(row["priority"]),
                cues=frozenset(row["cues"]),
                emotion=row["emotion"],
                language=row["lang"],
                key=row["key"],
            )
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}:{number}: no labelled message ({error})") from None


def message(key: str, subject: str, body: str) -> Message:
    """A message of which only subject and newly written text are known."""
    return Message(
        ref=MessageRef(account="", mailbox="", key=key),
        subject=subject,
        text=body,
        new_text=body,
        received=datetime(2026, 1, 1, tzinfo=UTC),
    )
