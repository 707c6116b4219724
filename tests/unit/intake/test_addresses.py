"""Address lists are read strictly: what is not plainly one address is none."""

from __future__ import annotations

import time

import pytest

from cost import in_proportion
from triage.intake.addresses import read_addresses, takes_no_replies, usable


def pairs(raw: str) -> list[tuple[str, str]]:
    return [(person.name, person.address) for person in read_addresses(raw)]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("anna@x.example", [("", "anna@x.example")]),
        ("Anna <Anna+Home@X.example>", [("Anna", "anna+home@x.example")]),
        (
            '"Kilbride, Saoirse" <s@x.example>, bob@y.example',
            [("Kilbride, Saoirse", "s@x.example"), ("", "bob@y.example")],
        ),
        ("a@x.example; b@y.example", [("", "a@x.example"), ("", "b@y.example")]),
        (
            "MAILER-DAEMON@mx.example (Mail Delivery System)",
            [("Mail Delivery System", "mailer-daemon@mx.example")],
        ),
        ("'Anna' <a@x.example>", [("Anna", "a@x.example")]),
        ('"a@x.example" <a@x.example>', [("", "a@x.example")]),
        ("=?utf-8?q?Anna=2C_Dr=2E?= <a@x.example>", [("Anna, Dr.", "a@x.example")]),
        ("=?utf-8?q?=22Anna=22_=3Ca=40x=2Eexample=3E?=", [("Anna", "a@x.example")]),
        ('"Anna \\"Ann\\" E" <a@x.example>', [('Anna "Ann" E', "a@x.example")]),
        ("undisclosed-recipients:;", []),
        (
            "Team: a@x.example, Bob <b@x.example>;, c@x.example",
            [("", "a@x.example"), ("Bob", "b@x.example"), ("", "c@x.example")],
        ),
        ("<mailto:a@x.example>", [("", "a@x.example")]),
        ("<@relay.example,@b.example:a@x.example>", [("", "a@x.example")]),
        ("a@x.example, A <A@X.example>", [("", "a@x.example")]),
        ("Anna (home (old)) <a@x.example>", [("Anna", "a@x.example")]),
        ("(Anna <a@x.example>", [("Anna", "a@x.example")]),
    ],
)
def test_lists_are_read_with_names_groups_and_comments(raw: str, expected: list[tuple[str, str]]) -> None:
    assert pairs(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "<>",
        "<",
        '"',
        "Anna",
        "(c):",
        "alice@example.org)bob@example.net",  # CVE-2023-27043
        "alice@example.org(bob@example.net",
        '"alice@example.org"bob@example.net',
        '"boss@ours.example" <nowhere>',  # a name is no address
        "a@evil.example@good.example",
        "a b@x.example",
        "a@x..example",
        "a@.x.example",
        "a@[192.0.2.1]",
        "a@x.example\u202e",
        "@x.example",
        "a@",
        "a" * 65 + "@x.example",
        "a@" + "x" * 300 + ".example",
    ],
)
def test_nonsense_names_nobody(raw: str) -> None:
    assert pairs(raw) == []


def test_other_scripts_in_a_domain_come_back_as_punycode() -> None:
    assert usable("anna@bücher.example") == "anna@xn--bcher-kva.example"
    assert usable("anna@аpple.example") != "anna@apple.example"


def test_a_flood_of_entries_is_cut() -> None:
    assert len(read_addresses(", ".join(f"a{n}@x.example" for n in range(1_000)), most=200)) == 200


@pytest.mark.parametrize(
    "domain", ["x" * 240 + "!", "x." * 120 + "!", "x-" * 120 + "!", "x" * 60 + "." + "y" * 60 + "."]
)
def test_a_long_domain_is_judged_at_once(domain: str) -> None:
    begun = time.process_time()
    usable(f"a@{domain}")
    assert time.process_time() - begun < 1.0


@pytest.mark.parametrize("piece", ["(", '"', "<", '\\"', ":", ",", '"\\', "((a)", "(\\", "<a@b"])
def test_reading_takes_linear_time(piece: str) -> None:
    raw = piece * (100_000 // len(piece))
    assert in_proportion(read_addresses, raw[:10_000], raw, times=10, within=2.0)


def test_a_no_reply_address_is_known_in_several_languages() -> None:
    assert takes_no_replies("no-reply@x.example")
    assert takes_no_replies("Do_Not.Reply+7@x.example".lower())
    assert takes_no_replies("ne-pas-repondre@x.example")
    assert not takes_no_replies("norbert.replinger@x.example")
