"""What senders put into the text itself that is no text: uuencoded files, OpenPGP armour."""

from __future__ import annotations

import re

from triage.intake.mime import decode_uu
from triage.types import Attachment


def without_uuencoded(text: str) -> tuple[str, tuple[Attachment, ...]]:
    """`text` without the files uuencoded in it, and those files. The last may lack its end."""
    if "begin " not in text:
        return text, ()
    lines, kept, files = text.split("\n"), [], []
    number = 0
    while number < len(lines):
        start = _BEGIN.fullmatch(lines[number])
        last = number + 1
        while start and last < len(lines) and _is_uuencoded(lines[last]):
            last += 1
        if start and last > number + 1:
            size = len(decode_uu([line.encode("ascii") for line in lines[number + 1 : last]]))
            files.append(Attachment(name=start[1], content_type="application/octet-stream", size=size))
            number = last + (lines[last : last + 1] == ["end"])
        else:
            kept.append(lines[number])
            number += 1
    return "\n".join(kept), tuple(files)


_BEGIN = re.compile(r"begin [0-7]{3,4} (\S.{0,254})")


def _is_uuencoded(line: str) -> bool:
    """True for a line as long as its first character says (trailing spaces may be lost)."""
    if not line or not " " < line[0] <= "`" or not all(" " <= character <= "`" for character in line[:90]):
        return False
    length = ((ord(line[0]) - 32) % 64 + 2) // 3 * 4 + 1
    return length - 4 <= len(line) <= length + 1


def without_armour(text: str) -> tuple[str, bool]:
    """Signed text without its armour (RFC 9580 section 7), and whether some was encrypted.

    Encrypted text and keys are left out.
    """
    if "-----BEGIN PGP " not in text:
        return text, False
    kept: list[str] = []
    encrypted = False
    state = "text"
    for line in text.split("\n"):
        if line.startswith("-----BEGIN PGP SIGNED MESSAGE-----"):
            state = "headers"
        elif line.startswith("-----BEGIN PGP "):
            encrypted |= line.startswith("-----BEGIN PGP MESSAGE")
            state = "armour"
        elif line.startswith("-----END PGP "):
            state = "text"
        elif state == "headers":
            state = "headers" if line.strip() else "signed"
        elif state == "signed":
            kept.append(line.removeprefix("- "))
        elif state == "text":
            kept.append(line)
    return "\n".join(kept), encrypted
