"""How values lie in columns: instants as milliseconds, lists and mappings as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any


def ms(at: datetime) -> int:
    """Milliseconds since 1970 in UTC."""
    return int(at.timestamp() * 1000)


def ms_or_none(at: datetime | None) -> int | None:
    return None if at is None else ms(at)


def instant(value: int) -> datetime:
    return datetime.fromtimestamp(value / 1000, UTC)


def instant_or_none(value: int | None) -> datetime | None:
    return None if value is None else instant(value)


def dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def load(text: str) -> Any:
    return json.loads(text)


def dump_words(words: Iterable[str]) -> str:
    return dump(sorted(words))


def marks(count: int) -> str:
    """Placeholders for an IN list."""
    return ",".join("?" * count)
