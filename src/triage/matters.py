"""The separate matters that one mail raises (playbook P11), in the requester's words.

A numbered or bulleted list says it outright; otherwise several questions do. One
matter is no list: then the result is empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from triage.intake.body import sentences

_BULLET = re.compile(r"[ \t]*(?:\(?(?:\d{1,2}|[a-h])[.)]|[-*•–·])[ \t]+(?=\S)")
MOST = 12  # more than that is a pasted table, not a list of matters


def listed(text: str) -> tuple[str, ...]:
    """The points of the numbered or bulleted list in `text`; empty if fewer than two."""
    return _several(_points(text))


def matters(text: str) -> tuple[str, ...]:
    """The points of the list in `text`, or its questions; empty if fewer than two."""
    return listed(text) or _several(s for s in sentences(text) if s.endswith("?"))


def _several(points: Iterable[str]) -> tuple[str, ...]:
    distinct = tuple(dict.fromkeys(" ".join(point.split()) for point in points))
    return distinct if 2 <= len(distinct) <= MOST else ()


def _points(text: str) -> Iterator[str]:
    """Each list entry with its continuation lines; a blank line ends an entry."""
    point: list[str] = []
    for line in text.splitlines():
        bullet = _BULLET.match(line)
        if bullet or not line.strip():
            if point:
                yield " ".join(point)
            point = [line[bullet.end() :].strip()] if bullet else []
        elif point:
            point.append(line.strip())
    if point:
        yield " ".join(point)
