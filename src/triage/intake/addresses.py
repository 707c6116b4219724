"""Address lists of headers (RFC 5322 section 3.4), read strictly and in linear time.

The standard library's reader has guessed addresses out of nonsense (CVE-2023-27043), so
this one refuses whatever is not plainly one address.
"""

from __future__ import annotations

import re

from triage.intake.headers import decode_words
from triage.types import Address


def read_addresses(raw: str, *, most: int = 200) -> tuple[Address, ...]:
    """The usable addresses of a raw header value, in order, without repetition.

    Understands names, quoted strings, comments, groups, and ";" as a separator. Unusable
    entries are left out. A value that hides everything in encoded words is decoded first.
    """
    found: dict[str, Address] = {}
    for text in (raw, decode_words(raw)):
        for phrase, spec, comment in _mailboxes(text):
            address = usable(spec)
            if address and address not in found:
                name = tidy_name(phrase or comment)
                found[address] = Address(address=address, name="" if name.lower() == address else name)
                if len(found) == most:
                    return tuple(found.values())
        if found or "=?" not in raw:
            break
    return tuple(found.values())


def usable(spec: str) -> str | None:
    """`spec` as an address that mail can be sent to, lower-cased, or None.

    One "@", no spaces, quotes, brackets or unprintable characters, RFC 5321 lengths. A
    domain in other scripts comes back in its ASCII form (punycode), which shows homographs.
    """
    spec = spec.strip().lower().removeprefix("mailto:")
    if len(spec) > 254 or not spec.isprintable() or not _ADDRESS.fullmatch(spec):
        return None
    local, _, domain = spec.partition("@")
    domain = domain.rstrip(".")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii").lower()
        except UnicodeError:
            return None
    if len(local) > 64 or not _DOMAIN.fullmatch(domain):
        return None
    return f"{local}@{domain}"


_ADDRESS = re.compile(r"[^\s@\"'<>(),;:\\\[\]][^\s@\"<>(),;:\\\[\]]*@[^\s@\"'<>(),;:\\\[\]]+")
_DOMAIN = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")


def tidy_name(phrase: str) -> str:
    """A display name as a person would write it: decoded, one line, without outer quotes."""
    name = " ".join(decode_words(phrase[:1_000]).split())[:200].strip("\"' ")
    return "".join(character for character in name if character.isprintable())


def _mailboxes(text: str, *, comments: bool = True) -> list[tuple[str, str, str]]:
    """(phrase, address, comment) of each entry; no comments are seen if one never closes."""
    entries: list[tuple[str, str, str]] = []
    phrase: list[str] = []
    comment: list[str] = []
    spec = ""
    position = 0

    def finish() -> None:
        nonlocal spec
        name = "".join(phrase).strip()
        if spec or name:
            entries.append((name if spec else "", spec or name, "".join(comment).strip()))
        phrase.clear()
        comment.clear()
        spec = ""

    while position < len(text):
        plain = _PLAIN.match(text, position)
        if plain:
            phrase.append(plain[0])
            position = plain.end()
            continue
        sign = text[position]
        position += 1
        if sign == '"':
            quoted = _QUOTED.match(text, position)
            if quoted and text[quoted.end() : quoted.end() + 1] == '"':
                phrase.append(re.sub(r"\\(.)", r"\1", quoted[0]))
                position = quoted.end() + 1
            # else the quote never closes: read on as if it were not there
        elif sign == "<":
            close = text.find(">", position)
            inside = text[position : len(text) if close < 0 else close]
            position += len(inside) + 1
            spec = spec or inside.rpartition(":")[2].strip() or "<>"  # "<@a,@b:c@d>" has a route
        elif sign == "(" and not comments:
            phrase.append(" ")
        elif sign == "(":
            depth = 1
            start = position
            while depth:
                bracket = _BRACKET.search(text, position)
                if bracket is None:
                    return _mailboxes(text, comments=False)
                depth += {"(": 1, ")": -1}.get(bracket[0], 0)
                position = bracket.end()
            comment.append(text[start : position - 1])
        elif sign in ",;":
            finish()
        elif sign == ":":
            phrase.clear()  # the name of a group, or "mailto"
        elif sign == "\\":
            position += 1
        else:
            phrase.append(sign)  # a stray ")" or ">" keeps the entry from being an address
    finish()
    return entries


_PLAIN = re.compile(r'[^"\\<>(),;:]+')
_QUOTED = re.compile(r'(?:[^"\\]|\\.)*')
_BRACKET = re.compile(r"\\.|[()]")


def takes_no_replies(address: str) -> bool:
    """True if the local part says, in one of our languages, not to answer."""
    local = re.sub(r"[._-]", "", address.partition("@")[0])
    return local.startswith(_NO_REPLY)


_NO_REPLY = (
    "noreply",
    "donotreply",
    "dontreply",
    "nichtantworten",
    "keineantwort",
    "nepasrepondre",
    "noresponder",
    "noresponda",
    "nietbeantwoorden",
    "nietantwoorden",
    "nonrispondere",
    "naoresponda",
    "naoresponder",
)
