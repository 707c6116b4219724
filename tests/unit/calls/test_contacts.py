"""The team's file of numbers: by address before domain, and what cannot be used is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.calls.contacts import read
from triage.errors import InputError


def test_a_number_is_found_by_address_before_domain(tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(
        "Phone;E-Mail;Time zone\n020 7946 0018;anna@example.org;\n+44 20 7946 0958;@example.org;Europe/Dublin\n"
    )
    book = read(file, default_country="GB")
    own, shared = book.find("Anna@example.org"), book.find("ben@shop.example.org")
    assert own is not None
    assert (own.phone, own.shared) == ("+442079460018", False)
    assert shared is not None
    assert (shared.phone, shared.time_zone, shared.shared) == ("+442079460958", "Europe/Dublin", True)
    assert book.find("ben@example.com") is None


def test_rows_without_a_usable_number_are_told_by_line(tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text("address,phone\nanna@example.org,12\n")
    (problem,) = read(file, default_country="GB").check()
    assert "line 2" in problem


@pytest.mark.parametrize("text", ["", "name,town\n", "\n"])
def test_a_file_without_the_columns_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(text)
    with pytest.raises(InputError):
        read(file, default_country="GB")


CARDS = """BEGIN:VCARD
VERSION:3.0
FN:Anna Lind
item1.EMAIL;type=INTERNET:Anna@Example.org
EMAIL:anna.l
 ind@home.example.org
TEL;TYPE=WORK,VOICE:+44 20 7946 0999
TEL;TYPE=FAX:+44 20 7946 0111
TEL;TYPE=CELL:+44 20 7946 0018
TZ:Europe/Dublin
END:VCARD
BEGIN:VCARD
VERSION:4.0
FN:Ben
EMAIL:ben@example.org
TEL;VALUE=uri;PREF=1:tel:+44-20-7946-0958
END:VCARD
BEGIN:VCARD
VERSION:2.1
this line is damaged
EMAIL;INTERNET:cy@example.org
TEL;HOME:020 7946 0018
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:no end
EMAIL:dee@example.org
"""


def test_vcards_are_read_and_a_damaged_one_costs_only_itself(tmp_path: Path) -> None:
    file = tmp_path / "contacts.vcf"
    file.write_text(CARDS.replace("\n", "\r\n"))
    book = read(file, default_country="GB")
    anna, home = book.find("anna@example.org"), book.find("anna.lind@home.example.org")
    assert anna is not None
    assert (anna.phone, anna.time_zone, anna.shared) == ("+442079460018", "Europe/Dublin", False)
    assert home == anna
    ben, cy = book.find("ben@example.org"), book.find("cy@example.org")
    assert ben is not None
    assert ben.phone == "+442079460958"
    assert cy is not None
    assert cy.phone == "+442079460018"
    assert book.find("dee@example.org") is None
    assert book.check() == []


def test_a_card_without_a_number_is_told(tmp_path: Path) -> None:
    file = tmp_path / "contacts.vcf"
    file.write_text("BEGIN:VCARD\nVERSION:3.0\nFN:X\nEMAIL:x@example.org\nEND:VCARD\n")
    (problem,) = read(file, default_country="GB").check()
    assert "line 1: x@example.org" in problem
