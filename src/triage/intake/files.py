"""Intake from files: an .eml, a folder of them, an mbox, a Maildir, or a .jsonl of texts.

    for mail in read(path, message_bytes=10_000_000): mail.raw or mail.message or mail.problem

Files are opened for reading only: nothing is locked, moved, flagged or rewritten. A mail that
cannot be read is a row with its `problem`; the others are read all the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from triage.errors import InputError, NotFoundError
from triage.intake.charset import clean
from triage.intake.rows import to_message
from triage.types import Message, MessageRef, RawMessage

LINE_BYTES = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMail:
    """One mail found in a file: just one of `raw`, `message` and `problem` is given.

    `id`: the file's name (below a folder: its path there), an mbox's number from "1", a
    Maildir's key, a JSON line's id. `message` comes from a JSON line, which has no mail bytes.
    """

    id: str
    raw: RawMessage | None = None
    message: Message | None = None
    problem: str = ""


def read(path: Path, *, message_bytes: int, now: datetime | None = None) -> Iterator[FileMail]:
    """The mails of `path`, in the order of their names or of the file.

    Of a mail over `message_bytes` octets the beginning is given (`truncated`). `now` is when a
    JSON line without a date was received. Raises NotFoundError if there is no such path, and
    InputError if it cannot be read or holds no mail.
    """
    if not path.exists():
        raise NotFoundError(
            f"{path}: no such file or folder", hint="check the spelling, and that it is mounted"
        )
    try:
        mails = _mails(path, message_bytes, now or datetime.now(UTC))
        first = next(mails, None)
        if first is None:
            raise InputError(
                f"{path}: no mail in it",
                hint="it may be an .eml, a folder of them, an mbox, a Maildir or a .jsonl",
            )
        yield from chain([first], mails)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error


def _mails(path: Path, message_bytes: int, now: datetime) -> Iterator[FileMail]:
    if path.is_dir():
        if (path / "cur").is_dir() and (path / "new").is_dir():
            return _maildir(path, message_bytes)
        return _folder(path, message_bytes)
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        return _json_lines(path, message_bytes, now)
    with path.open("rb") as file:
        is_mbox = file.read(5) == b"From "
    if is_mbox:
        return _mbox(path, message_bytes)
    return iter([_whole_file(path, path.name, path, message_bytes)])


# --------------------------------------------------------------------------- files of one mail


def _folder(path: Path, message_bytes: int) -> Iterator[FileMail]:
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path)
        if any(part.startswith(".") for part in name.parts) or not file.is_file():
            continue
        try:
            is_mail = file.suffix.lower() == ".eml" or _looks_like_mail(file)
            if is_mail:
                yield _whole_file(file, name.as_posix(), path, message_bytes)
        except OSError as error:
            yield FileMail(id=name.as_posix(), problem=f"{file}: {error.strerror or error}")


def _looks_like_mail(file: Path) -> bool:
    """True for a file without a suffix (as in MH folders) that begins with a header field."""
    if file.suffix.strip(".0123456789"):
        return False
    with file.open("rb") as opened:
        return re.match(rb"[!-9;-~]{1,100}:", opened.readline(200)) is not None


def _maildir(path: Path, message_bytes: int) -> Iterator[FileMail]:
    """https://cr.yp.to/proto/maildir.html; a key is the name without its flags."""
    files = [file for folder in ("cur", "new") for file in (path / folder).iterdir()]
    for file in sorted(files, key=lambda file: file.name):
        if file.name.startswith(".") or not file.is_file():
            continue
        key, _, letters = file.name.partition(":2,")
        try:
            flags = frozenset(_MAILDIR_FLAGS[letter] for letter in letters if letter in _MAILDIR_FLAGS)
            yield _whole_file(file, key, path, message_bytes, flags)
        except OSError as error:
            yield FileMail(id=key, problem=f"{file}: {error.strerror or error}")


_MAILDIR_FLAGS = {"D": "\\Draft", "F": "\\Flagged", "R": "\\Answered", "S": "\\Seen", "T": "\\Deleted"}


def _whole_file(
    file: Path, key: str, source: Path, message_bytes: int, flags: frozenset[str] = frozenset()
) -> FileMail:
    with file.open("rb") as opened:
        content = opened.read(message_bytes)
    return _mail(key, source, content, max(file.stat().st_size, len(content)), flags)


def _mail(key: str, source: Path, content: bytes, size: int, flags: frozenset[str] = frozenset()) -> FileMail:
    raw = RawMessage(
        ref=_ref(source, key),
        content=content,
        size=size,
        truncated=size > len(content),
        flags=flags,
    )
    return FileMail(id=raw.ref.key, raw=raw)


def _ref(source: Path, key: str) -> MessageRef:
    """Names that are no UTF-8 hold lone surrogates, which nothing could store or print."""
    return MessageRef(account="", mailbox=clean(str(source)), key=clean(key))


# --------------------------------------------------------------------------- mbox


def _mbox(path: Path, message_bytes: int) -> Iterator[FileMail]:
    """RFC 4155 and its dialects, one mail in memory at a time.

    A mail begins at a "From " line with a time and a year, after an empty line: people begin
    sentences with "From ", and not every program escapes them. `>From ` loses one ">".
    """
    with path.open("rb") as file:
        for number, lines in enumerate(_mbox_parts(file), start=1):
            content, size = bytearray(), 0
            for line in lines:
                size += len(line)
                content += line[: message_bytes - len(content)]
            yield _mail(str(number), path, bytes(content), size)


_SEPARATOR = re.compile(rb"From [^\r\n]{0,300}\d\d:\d\d[^\r\n]{0,40}\b\d{4}\b")
_ESCAPED = re.compile(rb">+From ")


def _mbox_parts(file: BinaryIO) -> Iterator[Iterator[bytes]]:
    """The lines of each mail in turn; each must be consumed before the next is asked for."""
    file.readline(LINE_BYTES)  # the first separator
    ended = False

    def lines() -> Iterator[bytes]:
        nonlocal ended
        blank = b""  # an empty line is held back: the one before a separator is not the mail's
        at_start = True
        while line := file.readline(LINE_BYTES):
            if at_start and blank and _SEPARATOR.match(line):
                return
            if blank:
                yield blank
            whole_line, at_start = at_start, line.endswith(b"\n")
            blank = line if whole_line and line in (b"\n", b"\r\n") else b""
            if not blank:
                yield line[1:] if whole_line and _ESCAPED.match(line) else line
        ended = True

    while not ended:
        yield lines()


# --------------------------------------------------------------------------- JSON lines


def _json_lines(path: Path, message_bytes: int, now: datetime) -> Iterator[FileMail]:
    longest = 4 * message_bytes  # JSON may escape every character
    with path.open("rb") as file:
        number = 0
        while line := file.readline(longest):
            number += 1
            if len(line) == longest and not line.endswith(b"\n"):
                while (rest := file.readline(longest)) and not rest.endswith(b"\n"):
                    pass
                yield FileMail(id=str(number), problem=f"{path}:{number}: longer than {longest} octets")
            elif line.strip():
                yield _json_line(path, number, line, now)


def _json_line(path: Path, number: int, line: bytes, now: datetime) -> FileMail:
    try:
        row = json.loads(line)
        if not isinstance(row, dict):
            raise ValueError("not an object")
        ref = _ref(path, str(row.get("id", number)))
        return FileMail(id=ref.key, message=to_message(row, ref=ref, now=now))
    except (ValueError, RecursionError) as error:
        return FileMail(id=str(number), problem=f"{path}:{number}: {error}")
