"""Secrets are masked, and what merely looks like one stays readable."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cost import in_proportion
from triage.replies.redact import CARD, IBAN, PASSWORD, SECRET, redact


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("card 4111 1111 1111 1111 exp 12/27", f"card {CARD} exp 12/27"),
        ("4111111111111111", CARD),
        ("5500-0000-0000-0004!", f"{CARD}!"),
        ("amex 3782 822463 10005", f"amex {CARD}"),
        ("order 12345 4111 1111 1111 1111", f"order 12345 {CARD}"),
        ("pay to GB82 WEST 1234 5698 7654 32 please", f"pay to {IBAN} please"),
        ("DE89370400440532013000.", f"{IBAN}."),
        ("DE89 3704 0044 0532 0130 00 und GB82WEST12345698765432", f"{IBAN} und {IBAN}"),
        ("password: hunter2", f"password: {PASSWORD}"),
        ("my password is swordfish.", f"my password is {PASSWORD}."),
        ("The PIN 1234 was refused", f"The PIN {PASSWORD} was refused"),
        ("CVV 123", f"CVV {PASSWORD}"),
        ("Passwort lautet Geheim1!", f"Passwort lautet {PASSWORD}!"),
        ("mot de passe : soleil", f"mot de passe : {PASSWORD}"),
        ("mi contraseña es girasol7", f"mi contraseña es {PASSWORD}"),
        ("wachtwoord: fiets", f"wachtwoord: {PASSWORD}"),
        ("la mia password è girasole8", f"la mia password è {PASSWORD}"),
        ("a minha senha é abacaxi", f"a minha senha é {PASSWORD}"),
        ("key AKIAIOSFODNN7EXAMPLE here", f"key {SECRET} here"),
        ("token 9f86d081884c7d659a2feaa0c55ad015", f"token {SECRET}"),
    ],
)
def test_a_secret_is_masked_and_the_words_around_it_stay(text: str, masked: str) -> None:
    assert redact(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "order 4471902, tracking JD0146 0000 0412 3456 7890",
        "ring +44 20 7946 0958 or 020 7946 0777",
        "4111 1111 1111 1112 fails the check digit",
        "DE00 3704 0044 0532 0130 00",
        "my password is not working",
        "my password is wrong and the password reset page hangs",
        "the PIN code never arrived",
        "booking 123e4567-e89b-12d3-a456-426614174000",
        "see https://shop.example/garden/tools/spades/the-long-handled-digging-spade-in-ash",
        "2026-11-25 09:00, £1,940, 84.200 puntos",
    ],
)
def test_what_is_no_secret_stays_as_it_is(text: str) -> None:
    assert redact(text) == text


def test_a_private_key_block_is_masked_whole() -> None:
    block = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----"
    assert redact(f"look:\n{block}\nbye") == f"look:\n{SECRET}\nbye"


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="pasword: is12 4-=GBDE\n\"'", max_size=80))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    "unit", ["1 ", "1", "A", "password: ", "pin is ", "aB1", "DE12 ", "-----BEGIN PRIVATE KEY-----"]
)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    text = unit * (160_000 // len(unit))
    assert in_proportion(redact, text[:20_000], text, times=8)
