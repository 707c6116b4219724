"""Every nasty mail has a typed outcome, in bounded time, with storable text."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime

import pytest

from corpus.nasty import LOST, NASTY, SENTENCE
from triage.intake.parse import parse
from triage.types import Identity, Message, MessageRef, RawMessage, Unreadable

NOW = datetime(2026, 11, 5, tzinfo=UTC)
IDENTITY = Identity(
    addresses=frozenset({"support@ours.example"}), internal_domains=frozenset({"ours.example"})
)
UNREADABLE = {"empty", "only_newlines", "only_nul", "binary"}


def read(content: bytes) -> Message | Unreadable:
    ref = MessageRef(account="a", mailbox="INBOX", uidvalidity=1, uid=1)
    return parse(RawMessage(ref=ref, content=content, size=len(content)), identity=IDENTITY, now=NOW)


def strings(value: object) -> Iterator[str]:
    """Every string inside a value, however deep."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from strings(getattr(value, field.name))
    elif isinstance(value, tuple | frozenset):
        for inner in value:
            yield from strings(inner)


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_mail_is_read_or_called_unreadable_within_its_time(name: str) -> None:
    begun = time.process_time()
    message = read(NASTY[name])
    assert time.process_time() - begun < 2.0

    if isinstance(message, Unreadable):
        assert name in UNREADABLE
        assert not message.reason.startswith("reading it failed")
        return
    assert name not in UNREADABLE
    for text in strings(message):
        assert "\x00" not in text
        text.encode("utf-8")  # no lone surrogates
    for field in (message.subject, message.message_id, *(value for _, value in message.headers)):
        assert not set(field) & set("\r\n\x1b\u2028")
    assert (SENTENCE in message.text) == (name not in LOST)
    if name not in LOST:
        assert "heater" in message.new_text


def message(name: str) -> Message:
    found = read(NASTY[name])
    assert isinstance(found, Message)
    return found


@pytest.mark.parametrize(
    "name",
    [
        "from_unclosed_angle",
        "from_1000_open_brackets",
        "address_of_cve_2023_27043",
        "address_with_two_ats",
        "address_with_a_long_wrong_domain",
        "no_from",
    ],
)
def test_an_unusable_from_names_nobody(name: str) -> None:
    assert message(name).sender is None
    assert message(name).requester is None
    assert "no usable address in From" in message(name).defects


def test_the_first_of_two_from_headers_counts_and_the_second_is_a_defect() -> None:
    twice = message("two_from_headers")
    assert twice.sender is not None
    assert twice.sender.address == "bob@customer.test"
    assert "2 From headers" in twice.defects


def test_a_homograph_shows_itself_as_punycode() -> None:
    sender = message("address_homograph").sender
    assert sender is not None
    assert sender.domain == "xn--pple-43d.example"


@pytest.mark.parametrize("name", ["to_20000_addresses", "header_block_1_mb", "headers_20000"])
def test_a_flood_of_headers_hides_neither_sender_nor_subject(name: str) -> None:
    flooded = message(name)
    assert flooded.sender is not None
    assert flooded.subject == "Heater"
    assert flooded.message_id == "<base@customer.example>"
    assert flooded.defects


@pytest.mark.parametrize(
    "name", ["date_99_foo", "date_wild_zone", "date_5000_digits", "date_empty", "date_year_9999"]
)
def test_a_date_that_is_none_falls_back_to_the_time_given(name: str) -> None:
    assert message(name).date is None
    assert message(name).received == NOW


def test_references_keep_the_first_and_the_last() -> None:
    references = message("references_10000").references
    assert len(references) == 100
    assert references[0] == "<0@customer.example>"


@pytest.mark.parametrize("name", ["encrypted_pgp", "encrypted_smime"])
def test_encrypted_mail_says_so_and_has_no_text(name: str) -> None:
    assert message(name).text == ""
    assert "encrypted" in message(name).defects


def test_nasty_mails_differ_in_their_fingerprints() -> None:
    assert message("base64_without_padding").fingerprint == message("bare_lf").fingerprint  # the same mail
    assert message("subject_raw_utf8").fingerprint != message("bare_lf").fingerprint


def test_the_corpus_is_the_same_each_time_and_small_enough_for_a_server() -> None:
    assert len(NASTY) >= 120
    assert max(map(len, NASTY.values())) < 4_000_000
