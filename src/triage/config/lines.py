"""Where each key of a TOML text stands: tomllib tells values but no lines.

    lines = line_numbers(text)
    line_of(("accounts", "support", "port"), lines) -> 12

A scan for table headers and assignments at the beginning of lines, for a text that
tomllib has accepted. What stands in an inline table or an array has its key's line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Key = tuple[str | int, ...]
"""Where a value stands: ("accounts", "support", "sources", 0, "kind")."""

_NAME = r"""(?:"[^"]*"|'[^']*'|[\w-]+)"""
_DOTTED = rf"{_NAME}(?:[ \t]*\.[ \t]*{_NAME})*"
_HEADER = re.compile(rf"[ \t]*(\[\[?)[ \t]*({_DOTTED})[ \t]*\]")
_ASSIGNMENT = re.compile(rf"[ \t]*({_DOTTED})[ \t]*=")


def line_numbers(text: str) -> dict[Key, int]:
    """The line of each table and key, counted from 1."""
    lines: dict[Key, int] = {}
    arrays: dict[Key, int] = {}  # the index of the latest entry of each array of tables
    table: Key = ()
    open_quotes = ""  # of a multi-line string
    for number, line in enumerate(text.split("\n"), start=1):
        if open_quotes:
            open_quotes = "" if open_quotes in line else open_quotes
            continue
        if header := _HEADER.match(line):
            table = _within(arrays, _parts(header[2]))
            if header[1] == "[[":
                arrays[table] = arrays.get(table, -1) + 1
                lines.setdefault(table, number)
                table = (*table, arrays[table])
            lines.setdefault(table, number)
        elif assignment := _ASSIGNMENT.match(line):
            lines.setdefault((*table, *_parts(assignment[1])), number)
        open_quotes = next((quotes for quotes in ('"""', "'''") if line.count(quotes) % 2), "")
    return lines


def line_of(key: Key, lines: Mapping[Key, int]) -> int:
    """The line of the key, or else of the nearest table around it."""
    return next((lines[key[:end]] for end in range(len(key), 0, -1) if key[:end] in lines), 1)


def _parts(dotted: str) -> Key:
    return tuple(part.strip("\"'") for part in re.findall(_NAME, dotted))


def _within(arrays: Mapping[Key, int], path: Key) -> Key:
    """A header's path, with the index of each array of tables that it leads through."""
    found: Key = ()
    for part in path[:-1]:
        found = (*found, part)
        if found in arrays:
            found = (*found, arrays[found])
    return (*found, *path[-1:])
