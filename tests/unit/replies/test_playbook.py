"""The playbook check finds what a holding reply must not say, and nothing else."""

from __future__ import annotations

import re

import pytest

from triage import texts
from triage.replies.playbook import check

GOOD = """Hello Rhys,

From what you write, this has been frustrating. I apologise for the trouble that this gives you.

You wrote: “The side table has still not arrived.” I have taken that as the heart of your message.

A colleague will find out where things stand and reply to you within one business day. That will be
an answer or, if it takes longer, what we know by then. If you would rather talk, send us a number and
a good time, and one of us will ring you.

Thank you for telling us.

Kind regards,
Bronwen Tuck
BRIGHTMOOR Support
"""

SERIOUS = """Hello Marit,

I am sorry for your loss. Thank you for telling us.

A person on our team will read your whole message and answer you personally within one business day.

Kind regards,
Bronwen
"""


def rules(text: str, kind: str = "delay") -> set[str]:
    return {fault.rule for fault in check(text, kind=kind)}


def with_sentence(sentence: str, text: str = GOOD) -> str:
    return text.replace("Thank you for telling us.", f"{sentence} Thank you for telling us.")


def test_a_good_reply_has_no_fault() -> None:
    assert check(GOOD, kind="delay") == ()
    assert check(SERIOUS, kind="serious") == ()


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("P6", "I understand your frustration."),
        ("P6", "I completely understand."),
        ("P8", "We are sorry for any inconvenience caused."),
        ("P8", "I'm so sorry about this."),
        ("P8", "This was our mistake."),
        ("P9", "You will receive a refund on Friday."),
        ("P9", "Your table will be replaced."),
        ("P9", "I guarantee it."),
        ("P12", "When was it? Where was it?"),
        ("P13", "Nobody likes to wait. It is tiresome to write twice."),
        ("P15", "We hear you!"),
        ("P15", "This is VERY important to us."),
        ("P15", "We will escalate your ticket."),
        ("P16", "That is not correct."),
        ("P16", "Our records show something else."),
        ("P16", "As we already told you, it was sent."),
        ("P17", "You should have told us sooner."),
        ("P17", "You failed to give the house number."),
        ("P17", "Had you read the notice, all would be well."),
        ("P18", "Unfortunately our policy does not cover this."),
        ("P18", "The terms and conditions state this."),
        ("P19", "Please calm down."),
        ("P19", "Rest assured that we care."),
        ("P19", "We value your business."),
        ("P19", "Thank you for your patience."),
    ],
)
def test_each_forbidden_wording_is_found(rule: str, sentence: str) -> None:
    assert rule in rules(with_sentence(sentence))


@pytest.mark.parametrize(
    "sentence",
    [
        "I apologise for it.",
        "We will pay you back.",
        "Please talk to your insurer about it.",
        "This is a legal question.",
        "Nobody likes bad news.",
        "We can call you about it.",
    ],
)
def test_a_plain_reply_stays_clear_of_money_blame_law_and_comfort(sentence: str) -> None:
    assert rules(with_sentence(sentence, SERIOUS), "serious")


def test_the_customers_own_words_are_not_judged() -> None:
    quoted = GOOD.replace("The side table has still not arrived.", "Unfortunately your policy is RUBBISH!")
    assert check(quoted, kind="delay") == ()
    below = (
        GOOD
        + "\nOn Fri, 2 October 2026, Rhys wrote:\n> You should have CALLED me! Rest assured I will sue.\n"
    )
    assert check(below, kind="delay") == ()


def test_what_stands_in_german_quotation_marks_is_the_customers() -> None:
    said = "Sie schreiben: „Leider ist das NIE angekommen!“ Das ist notiert."
    assert not any(fault.line for fault in check(said, kind="delay", language="de"))
    ours = said.replace("notiert.", "leider notiert.")
    assert {fault.rule for fault in check(ours, kind="delay", language="de") if fault.line} == {"P18"}


def test_a_wording_is_found_across_a_line_break_and_its_line_is_named() -> None:
    text = GOOD.replace("That will be\n", "We do value your\nbusiness and rest\nassured ")
    found = [fault for fault in check(text, kind="delay") if fault.rule == "P19"]
    assert any(fault.excerpt == "rest assured" and fault.line == 8 for fault in found), found


def test_the_order_feelings_first_is_kept() -> None:
    turned = GOOD.replace("From what you write, this has been frustrating. ", "")
    turned = turned.replace("Thank you for telling us.", "This has been frustrating. Thank you.")
    assert "P5" not in rules(GOOD)
    assert "P5" in rules(turned.replace("I apologise for the trouble that this gives you.", ""))


def test_length_is_bounded_both_ways() -> None:
    assert "P15" in rules("Hello,\n\nThank you. We will reply to you.\n\nKind regards,\nBronwen\n")
    assert "P15" in rules(with_sentence("We will look at this with care. " * 20))
    assert "P15" in rules(SERIOUS.replace("I am sorry", "We will look at this with care. " * 9), "serious")


def test_a_very_long_sentence_is_a_fault() -> None:
    assert "P15" in rules(with_sentence("We look at it " + "and at it again " * 10 + "."))


def test_a_reply_without_thanks_or_return_is_incomplete() -> None:
    assert "P14" in rules(GOOD.replace("Thank you for telling us.", ""))
    gone = GOOD.replace("reply to you", "look at it").replace("ring you", "be there")
    assert "P14" in rules(gone)


def test_the_teams_own_emergency_text_is_not_judged() -> None:
    assert check("CALL 112 NOW!", kind="emergency") == ()


def test_every_pattern_of_the_shipped_rules_is_a_valid_expression_with_a_known_rule() -> None:
    book = texts.playbook("en")
    for entry in book["rule"]:
        assert re.fullmatch(r"P(?:[5-9]|1\d|20)", entry["rule"])
        assert set(entry) <= {"rule", "message", "patterns", "only", "never", "at_most", "at_least"}
        for pattern in entry["patterns"]:
            re.compile(pattern)
