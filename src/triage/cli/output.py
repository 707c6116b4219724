"""What a command gives back, and the one renderer that prints it.

A command returns a `Result`; `emit` prints it: JSON with --json, else text for people.
Data goes to stdout, everything else to stderr as lines "triage: …". Text out of mails
never reaches a terminal as it is: `safe` replaces control and bidi characters in every
table cell, and `emit` once more in the whole text, whatever a command forgot.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, TextIO

from triage.errors import Exit, TriageError, UsageError, WriteError
from triage.types import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One entry of "errors": a stable code word, a sentence, and what to do next."""

    code: str
    message: str
    hint: str = ""

    @classmethod
    def of(cls, error: TriageError) -> Problem:
        return cls(code=error.code, message=error.message, hint=error.hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What text is laid out for. `width` is None when it is piped: nothing is cut then."""

    width: int | None = None
    colour: bool = False

    def bold(self, text: str) -> str:
        return self._styled(text, "1")

    def dim(self, text: str) -> str:
        return self._styled(text, "2")

    def red(self, text: str) -> str:
        return self._styled(text, "31")

    def yellow(self, text: str) -> str:
        return self._styled(text, "33")

    def _styled(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.colour and text else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a command gives back.

    `data` is the JSON's "data" (anything that `jsonable` takes). `text` renders the same
    for people, and only if people look. `routine`: the text only says that all went
    well, so --quiet hides it. `alarms` are what a person must know now: said also with
    --quiet, and the first of the JSON's "warnings". With errors, give their exit code too.
    """

    data: object = None
    text: str | Callable[[Page], str] = ""
    exit: Exit = Exit.OK
    alarms: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    errors: tuple[Problem, ...] = ()
    routine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The common options, wherever on the command line they stood."""

    config: str | None = None
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    no_color: bool = False
    debug: bool = False


def emit(result: Result, options: Options, *, command: str) -> None:
    """Prints the result. A reader that went away is no error; raises WriteError for a full disk."""
    if options.json:
        _write(dumps(envelope(result, command), indent=2 if sys.stdout.isatty() else None), utf8=True)
        return
    if not (result.routine and options.quiet):
        text = result.text if isinstance(result.text, str) else result.text(page(options))
        if text:
            _write(_guarded(text), utf8=False)
    for alarm in result.alarms:
        say(alarm)
    if not options.quiet:
        for warning in result.warnings:
            say(f"warning: {warning}")
    for problem in result.errors:
        say(problem.message, problem.hint)


def envelope(result: Result, command: str) -> dict[str, Any]:
    """The one object that --json prints. `command`: the command's words joined by "-"."""
    return {
        "schema": f"triage/{command}/1",
        "ok": result.exit is Exit.OK,
        "data": jsonable(result.data),
        "warnings": [*result.alarms, *result.warnings],
        "errors": [jsonable(problem) for problem in result.errors],
    }


def page(options: Options) -> Page:
    """The page that stdout is: 80 columns or what the terminal has, no colour for pipes."""
    if not sys.stdout.isatty():
        return Page()
    plain = options.no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return Page(width=max(40, shutil.get_terminal_size().columns), colour=not plain)


def say(message: str, hint: str = "") -> None:
    """A problem or remark on stderr, each line marked; the hint stands behind it in brackets."""
    lines = message.splitlines() or [""]
    if hint:
        lines[-1] += f" ({hint})"
    with contextlib.suppress(OSError):  # nobody is there to be told
        for line in lines:
            print(f"triage: {safe(line)}", file=sys.stderr)


def _write(text: str, *, utf8: bool) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace", encoding="utf-8" if utf8 else None)
    try:
        print(text.rstrip("\n"))
        sys.stdout.flush()
    except BrokenPipeError:
        _silence(sys.stdout)
    except OSError as error:
        _silence(sys.stdout)
        raise WriteError(f"cannot write to standard output: {error.strerror}") from None


def _silence(stream: TextIO) -> None:
    """Keeps the interpreter from complaining at exit about what it cannot flush."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


# --------------------------------------------------------------------------- text for people

# Invisible, and at home in ordinary text (emoji, Persian, hyphenation): dropped.
_INVISIBLE = dict.fromkeys([0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])
_OUR_STYLES = re.compile(r"(\x1b\[(?:0|1|2|31|33)m)")


def safe(text: str) -> str:
    """Text out of a mail as one line that cannot drive a terminal.

    White space of any kind becomes a space; controls, escape sequences, bidi overrides
    and lone surrogates become U+FFFD.
    """
    if text.isprintable():
        return text
    text = text.translate(_INVISIBLE)
    return "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in text)


def safe_lines(text: str) -> str:
    """Like `safe`, for a text whose line breaks stay."""
    return "\n".join(safe(line.expandtabs(4)) for line in text.replace("\r\n", "\n").split("\n"))


def _guarded(text: str) -> str:
    pieces = _OUR_STYLES.split(text)
    return "".join(piece if n % 2 else safe_lines(piece) for n, piece in enumerate(pieces))


def cells(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.combining(c) or c == "\ufe0f"
        else 2
        if unicodedata.east_asian_width(c) in "WF"
        else 1
        for c in text
    )


def shorten(text: str, width: int) -> str:
    """The text in at most `width` columns, cut with an ellipsis."""
    if cells(text) <= width:
        return text
    taken, kept = 1, ""
    for c in text:
        taken += cells(c)
        if taken > width:
            break
        kept += c
    return f"{kept.rstrip()}…" if width > 0 else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A table's column. A flexible one gives way, to `least` columns, when space is short."""

    title: str
    right: bool = False
    flexible: bool = False
    least: int = 8


def table(columns: Sequence[Column], rows: Iterable[Sequence[object]], page: Page) -> str:
    """A compact aligned table, cells made safe. None is an empty cell; no rows, no table."""
    body = [["" if cell is None else safe(str(cell)) for cell in row] for row in rows]
    if not body:
        return ""
    widths = [
        max(cells(line[n]) for line in [[c.title for c in columns], *body]) for n in range(len(columns))
    ]
    if page.width is not None:
        widths = [min(width, page.width) for width in widths]
        widths = _fitted(columns, widths, page.width - 2 * (len(columns) - 1))

    def line(values: Sequence[str]) -> str:
        parts = []
        for column, width, value in zip(columns, widths, values, strict=True):
            text = shorten(value, width)
            padding = " " * (width - cells(text))
            parts.append(padding + text if column.right else text + padding)
        return "  ".join(parts).rstrip()

    head = page.bold(line([column.title for column in columns]))
    return "\n".join([head, *map(line, body)])


def _fitted(columns: Sequence[Column], widths: list[int], space: int) -> list[int]:
    """Takes what is too much from the widest flexible columns, a column at a time."""
    widths = list(widths)
    while sum(widths) > space:
        wide = [n for n, c in enumerate(columns) if c.flexible and widths[n] > c.least]
        if not wide:
            break
        widths[max(wide, key=lambda n: widths[n])] -= 1
    return widths


def show_span(span: timedelta) -> str:
    """A duration in its two largest units: "45m", "3h 10m", "2d 4h"."""
    minutes = max(0, int(span.total_seconds()) // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "d"), (hours, "h"), (minutes, "m")]
    first = next((n for n, (amount, _) in enumerate(parts) if amount), 2)
    shown = [f"{amount}{unit}" for amount, unit in parts[first : first + 2] if amount]
    return " ".join(shown) or "0m"


# --------------------------------------------------------------------------- ids

KINDS = {"m": "message", "t": "ticket", "d": "draft", "p": "promise", "i": "incident"}


def show_id(kind: str, number: int) -> str:
    """("m", 12) → "m12"."""
    return f"{kind}{number}"


def read_id(kind: str, text: str) -> int:
    """ "m12", "M12" or "12" → 12. Raises UsageError, also for another kind's id."""
    match = re.fullmatch(r"([a-z]?)([0-9]{1,18})", text.strip().lower(), re.ASCII)
    wanted = f"the id of a {KINDS[kind]} looks like {kind}12"
    if not match:
        raise UsageError(f"{safe(text)!r} is no id", hint=wanted)
    if match[1] not in ("", kind):
        raise UsageError(f"{text} is the id of a {KINDS.get(match[1], 'nothing known')}", hint=wanted)
    return int(match[2])


# --------------------------------------------------------------------------- JSON

# Legal inside JSON's strings, but not harmless on a terminal or in JavaScript.
_ESCAPED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_SURROGATES = re.compile("[\ud800-\udfff]")


def instant_of(day: str, timezone: str, *, option: str = "--since") -> datetime | None:
    """A day or an instant that an option names, in the team's time zone; None for nothing.

    Raises UsageError.
    """
    if not day:
        return None
    from zoneinfo import ZoneInfo

    try:
        at = datetime.fromisoformat(day)
    except ValueError:
        raise UsageError(f"{option} {day} is no date", hint="write it as 2026-11-30") from None
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(timezone))


def dumps(value: object, *, indent: int | None = None) -> str:
    """JSON that is readable in any script and cannot drive a terminal."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    text = _SURROGATES.sub("\ufffd", text)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def jsonable(value: object) -> Any:
    """Values of the program → what JSON has.

    Instants: RFC 3339 in UTC, whole seconds; durations: whole seconds; a person:
    {"name", "address"}; dataclasses: objects; sets: sorted lists. Raises TypeError or
    ValueError (a naive datetime) for what has no place in JSON.
    """
    match value:
        case Enum():
            return jsonable(value.value)
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            if value.tzinfo is None:
                raise ValueError("a datetime without time zone")
            return value.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
        case date():
            return value.isoformat()
        case timedelta():
            return round(value.total_seconds())
        case Path():
            return str(value)
        case Address():
            return {"name": value.name, "address": value.address}
        case Mapping():
            return {str(jsonable(key)): jsonable(entry) for key, entry in value.items()}
        case frozenset() | set():
            return sorted(jsonable(entry) for entry in value)
        case list() | tuple():
            return [jsonable(entry) for entry in value]
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {f.name: jsonable(getattr(value, f.name)) for f in dataclasses.fields(value)}
    raise TypeError(f"{type(value).__name__} has no place in JSON")
