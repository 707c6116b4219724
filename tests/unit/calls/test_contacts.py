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
