"""The team's file of customers' numbers: CSV, by address or by domain (pure but for the reading).

book = read(path, default_country="GB")
book.find("anna@example.org")   the address's own entry, else that of its domain, or None
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from triage.calls import phone
from triage.errors import InputError

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
    rows: Mapping[str, tuple[int, Mapping[str, str]]]  # line and cells
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
            f"{self.path} line {line}: “{cells.get('phone', '')[:40]}” is not a telephone number"
            for name, (line, cells) in self.rows.items()
            if not self._entry(name, shared=False).phone
        ]

    def _entry(self, name: str, *, shared: bool) -> Entry:
        _, cells = self.rows[name]
        country = cells.get("country", "").upper() or self.default_country
        found = phone.find(cells.get("phone", ""), default_country=country)
        return Entry(
            phone=found[0].e164 if found else "",
            country=cells.get("country", "").upper(),
            time_zone=cells.get("time_zone", ""),
            shared=shared,
        )


def read(path: Path, *, default_country: str) -> ContactBook:
    """Read the file. Raises InputError if it cannot be read or has no columns for it."""
    try:
        text = path.read_text(encoding="utf-8-sig").replace("\0", "")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the contacts in {path} cannot be read: {error}") from None
    first = text.partition("\n")[0]
    lines = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count))
    header = [NAMES.get(name.strip().lower(), "") for name in next(lines, [])]
    if "address" not in header or "phone" not in header:
        raise InputError(
            f"the contacts in {path} have no columns for address and phone",
            hint="the first line names them: address,phone",
        )
    rows: dict[str, tuple[int, Mapping[str, str]]] = {}
    for cells in lines:
        named = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name}
        key = named.get("address", "").lower().lstrip("@")
        if key:
            rows.setdefault(key, (lines.line_num, named))
    return ContactBook(path=path, rows=rows, default_country=default_country)
