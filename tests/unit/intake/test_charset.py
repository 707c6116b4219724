"""Octets become text, whatever charset they claim."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.intake.charset import decode


@pytest.mark.parametrize(
    ("octets", "declared", "text"),
    [
        ("Grüße – ok".encode(), "utf-8", "Grüße – ok"),
        ("Grüße – ok".encode(), "UFT-8", "Grüße – ok"),
        ("Grüße – ok".encode(), "utf8mb4", "Grüße – ok"),
        ("Grüße – ok".encode(), "x-unknown", "Grüße – ok"),
        ("Grüße – ok".encode(), "us-ascii", "Grüße – ok"),
        ("Grüße – ok".encode("cp1252"), "us-ascii", "Grüße – ok"),
        ("Grüße – ok".encode("cp1252"), "iso-8859-1", "Grüße – ok"),
        ("Grüße – ok".encode("cp1252"), "ISO_8859-1", "Grüße – ok"),
        ("Grüße".encode("cp850"), "cp-850", "Grüße"),
        ("Grüße".encode("cp1252"), '"windows-1252"', "Grüße"),
        ("שלום".encode("iso8859-8"), "iso-8859-8-i", "שלום"),
        ("한국어".encode("cp949"), "ks_c_5601-1987", "한국어"),
        ("日本語".encode("iso2022_jp"), "iso-2022-jp", "日本語"),
        ("日本語".encode(), "iso-2022-jp", "日本語"),
        ("中文".encode("gb18030"), "gb2312", "中文"),
        ("Grüße".encode("utf-16"), "utf-16", "Grüße"),
        ("\ufeffGrüße".encode(), "utf-8", "Grüße"),
    ],
)
def test_real_charsets_and_their_misspellings_are_read(octets: bytes, declared: str, text: str) -> None:
    assert decode(octets, declared) == text


def test_a_declared_utf8_is_not_overridden_by_a_guess() -> None:
    assert decode(b"caf\xe9 \xe2\x80\x93", "utf-8") == "caf\ufffd –"


@pytest.mark.parametrize(
    "declared", ["zlib", "rot13", "hex", "base64", "idna", "undefined", "unicode_escape", "punycode"]
)
def test_codecs_that_are_no_charsets_are_not_used(declared: str) -> None:
    assert decode(b"\\ud800 caf\xc3\xa9", declared) == "\\ud800 café"


@pytest.mark.parametrize("declared", ["", "utf-8\x00", "x" * 100_000, "../../etc/passwd", "utf-8 ", "é"])
def test_strange_names_are_survived(declared: str) -> None:
    assert decode(b"heater", declared) == "heater"


@given(
    st.binary(max_size=200),
    st.sampled_from(["", "utf-8", "utf-7", "utf-16le", "hz", "shift_jis", "cp1252", "koi8-r"]),
)
def test_any_octets_become_storable_text(octets: bytes, declared: str) -> None:
    text = decode(octets, declared)
    text.encode("utf-8")
    assert not set(text) & {"\x00", "\r"}
