"""What stands inside a text and is none."""

from __future__ import annotations

import binascii

from triage.intake.inline import without_armour, without_uuencoded

UU = "begin 644 photo 1.jpg\n" + binascii.b2a_uu(b"x" * 45).decode() + "#0V%T\n`\nend\n"


def test_a_uuencoded_file_is_taken_out_by_name_and_size() -> None:
    text, files = without_uuencoded(f"before\n{UU}after")
    assert text == "before\nafter"
    assert [(file.name, file.size) for file in files] == [("photo 1.jpg", 48)]


def test_a_uuencoded_file_that_never_ends_is_taken_out_too() -> None:
    text, files = without_uuencoded("before\n" + UU.removesuffix("`\nend\n"))
    assert text.strip() == "before"
    assert files[0].size == 48


def test_prose_that_begins_with_begin_stays() -> None:
    prose = "begin 644 pm sharp\nI WAIT\nbegin 123 x"
    assert without_uuencoded(prose) == (prose, ())


def test_signed_text_loses_its_armour() -> None:
    signed = (
        "Hi\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n- -- dashed\nbody\n"
        "-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\nbye"
    )
    assert without_armour(signed) == ("Hi\n-- dashed\nbody\nbye", False)


def test_encrypted_text_is_left_out_and_told() -> None:
    sealed = "Hi\n-----BEGIN PGP MESSAGE-----\n\nhQEM\n-----END PGP MESSAGE-----\nbye"
    assert without_armour(sealed) == ("Hi\nbye", True)
