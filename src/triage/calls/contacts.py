"""The team's file of customers' numbers: CSV, by address or by domain, or vCards (RFC 6350).

Pure but for the reading.

book = read(path, default_country="GB")
book.find("anna@example.org")   the address's own entry, else that of its domain, or None
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from triage.calls import phone
from triage.errors import InputError

Cells: TypeAlias = Mapping[str, str]

NAMES = {
    "address": "address",
    "email": "address",
    "e-mail": "address",
    "mail": "address",
    "domain": "address",
    "phone": "phone",
    "telephone": "phone",
    "number": "phone",
    "mobile": "phone",
    "country": "country",
    "timezone": "time_zone",
    "time zone": "time_zone",
    "time_zone": "time_zone",
}
"""Names of columns, in any case and order; other columns are not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`shared`: found by its domain, so it is a switchboard rather than their own number."""

    phone: str  # E.164; empty if it cannot be read
    country: str = ""
    time_zone: str = ""
    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactBook:
    """Rows by address or domain; a number is read when it is asked for."""

    path: Path
    rows: Mapping[str, tuple[int, Callable[[], Cells]]]  # the line, and what stands there
    default_country: str

    def __len__(self) -> int:
        return len(self.rows)

    def find(self, address: str) -> Entry | None:
        """The entry of an address, else of its domain or of one above it."""
        address = address.lower()
        if address in self.rows:
            return self._entry(address, shared=False)
        domain = address.rpartition("@")[2]
        while "." in domain:
            if domain in self.rows:
                return self._entry(domain, shared=True)
            domain = domain.partition(".")[2]
        return None

    def check(self) -> list[str]:
        """The rows whose number cannot be used, in words."""
        return [
            f"{self.path} line {line}: {name[:60]} has no telephone number that can be read"
            for name, (line, _) in self.rows.items()
            if not self._entry(name, shared=False).phone
        ]

    def _entry(self, name: str, *, shared: bool) -> Entry:
        cells = self.rows[name][1]()
        country = cells.get("country", "").upper() or self.default_country
        found = phone.find(cells.get("phone", ""), default_country=country)
        return Entry(
            phone=found[0].e164 if found else "",
            country=cells.get("country", "").upper(),
            time_zone=cells.get("time_zone", ""),
            shared=shared,
        )


def read(path: Path, *, default_country: str) -> ContactBook:
    """Read the file, CSV or vCards. Raises InputError if it cannot be read or is neither."""
    try:
        text = path.read_text(encoding="utf-8-sig").replace("\0", "")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the contacts in {path} cannot be read: {error}") from None
    cards = re.match(r"\s*BEGIN:VCARD", text, re.IGNORECASE)
    rows = _cards(text) if cards else _table(text, path)
    return ContactBook(path=path, rows=rows, default_country=default_country)


def _table(text: str, path: Path) -> Mapping[str, tuple[int, Callable[[], Cells]]]:
    first = text.partition("\n")[0]
    lines = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count))
    header = [NAMES.get(name.strip().lower(), "") for name in next(lines, [])]
    if "address" not in header or "phone" not in header:
        raise InputError(
            f"the contacts in {path} have no columns for address and phone",
            hint="the first line names them: address,phone",
        )
    rows: dict[str, tuple[int, Callable[[], Cells]]] = {}
    for cells in lines:
        named = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name}
        key = named.get("address", "").lower().lstrip("@")
        if key:
            rows.setdefault(key, (lines.line_num, partial(dict, named)))
    return rows


_CARD = re.compile(r"^BEGIN:VCARD\s*$.*?^END:VCARD\s*$", re.IGNORECASE | re.MULTILINE | re.DOTALL)
_EMAIL = re.compile(r"^(?:[\w-]+\.)?EMAIL\b[^:\n]*:(?:mailto:)?(\S+@\S+)", re.IGNORECASE | re.MULTILINE)


def _cards(text: str) -> Mapping[str, tuple[int, Callable[[], Cells]]]:
    """Each card under its addresses. It is read only when it is asked for: that takes a while."""
    rows: dict[str, tuple[int, Callable[[], Cells]]] = {}
    for card in _CARD.finditer(text):
        whole = re.sub(r"\r?\n[ \t]", "", card.group())  # folded lines
        line = text.count("\n", 0, card.start()) + 1
        for address in _EMAIL.findall(whole):
            rows.setdefault(address.lower(), (line, partial(_card, card.group())))
    return rows


def _card(card: str) -> Cells:
    """The number of one card: the preferred, else a mobile one, else the first. Empty if damaged."""
    import vobject  # imported here: few teams need it

    try:
        contents = vobject.readOne(card, ignoreUnreadable=True).contents
    except (vobject.base.VObjectError, ValueError):
        return {}
    numbers = sorted(contents.get("tel", ()), key=_rank)
    zones = [str(zone.value) for zone in contents.get("tz", ()) if "/" in str(zone.value)]
    return {
        "phone": str(numbers[0].value).removeprefix("tel:") if numbers else "",
        "time_zone": zones[0] if zones else "",
    }


def _rank(number: Any) -> int:
    said = {str(kind).upper() for kind in (*number.params.get("TYPE", ()), *number.singletonparams)}
    if "FAX" in said:
        return 3
    return 0 if "PREF" in said or "PREF" in number.params else 1 if said & {"CELL", "MOBILE"} else 2
