"""Which mails belong together, and the headers of a reply."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.intake.conversation import (
    SUBJECT_LENGTH,
    base_subject,
    belongs,
    likeness,
    reference_chain,
    reply_subject,
    reply_targets,
)
from triage.types import Message, MessageRef


def mail(
    message_id: str = "<m@x.example>", in_reply_to: tuple[str, ...] = (), references: tuple[str, ...] = ()
) -> Message:
    return Message(
        ref=MessageRef(account="a", mailbox="INBOX"),
        received=datetime(2026, 11, 2, tzinfo=UTC),
        message_id=message_id,
        in_reply_to=in_reply_to,
        references=references,
    )


def test_reply_targets_run_from_the_parent_to_the_root_each_once() -> None:
    message = mail(in_reply_to=("<c@x>",), references=("<a@x>", "<b@x>", "<c@x>"))
    assert reply_targets(message) == ("<c@x>", "<b@x>", "<a@x>")
    assert reply_targets(mail()) == ()


def test_a_reply_names_the_parents_references_and_the_parent_last() -> None:
    assert reference_chain(mail(references=("<a@x>", "<b@x>"))) == ("<a@x>", "<b@x>", "<m@x.example>")


def test_without_references_a_single_in_reply_to_stands_in_for_them() -> None:
    assert reference_chain(mail(in_reply_to=("<a@x>",))) == ("<a@x>", "<m@x.example>")
    assert reference_chain(mail(in_reply_to=("<a@x>", "<b@x>"))) == ("<m@x.example>",)


def test_a_parent_without_message_id_leaves_its_references() -> None:
    assert reference_chain(mail(message_id="", references=("<a@x>",))) == ("<a@x>",)
    assert reference_chain(mail(message_id="")) == ()


def test_a_long_chain_keeps_its_root_and_the_last_twenty() -> None:
    chain = reference_chain(mail(references=tuple(f"<{n}@x>" for n in range(500))))
    assert len(chain) == 21
    assert chain[0] == "<0@x>"
    assert chain[-2:] == ("<499@x>", "<m@x.example>")


def test_a_chain_never_carries_what_could_break_a_header() -> None:
    bad = ("<a\r\nBcc: v@x>", "<é@x>", "plain", "<>", f"<{'a' * 300}@x>", "<a@x> <b@x>")
    assert reference_chain(mail(references=bad)) == ("<m@x.example>",)


def test_a_chain_holds_the_parent_once_even_if_it_refers_to_itself() -> None:
    assert reference_chain(mail(references=("<m@x.example>", "<a@x>"))) == ("<a@x>", "<m@x.example>")


def test_only_somebody_who_takes_part_belongs_to_a_conversation() -> None:
    people = {"anna@x.example", "support@ours.example"}
    assert belongs("Anna@x.example", people)
    assert not belongs("mallory@x.example", people)
    assert not belongs("anna+other@x.example", people)
    assert not belongs("", people)


@pytest.mark.parametrize(
    ("subject", "base", "reply"),
    [
        ("hello", "hello", "Re: hello"),
        ("Re: hello", "hello", "Re: hello"),
        ("RE: AW: Antw: SV: hello", "hello", "Re: hello"),
        ("Re[2]: RE(3): re^4: hello", "hello", "Re: hello"),
        ("RE : hello", "hello", "Re: hello"),
        ("R: R: RIF: hello", "hello", "Re: hello"),
        ("Re：hello", "hello", "Re: hello"),
        ("Fwd: hello", "hello", "Re: Fwd: hello"),
        ("Re: TR : hello", "hello", "Re: TR : hello"),
        ("WG: AW: RV: ENC: Doorst: hello", "hello", "Re: WG: RV: ENC: Doorst: hello"),
        ("[EXT] Re: [Ticket 12] Re: hello", "hello", "Re: [EXT] [Ticket 12] hello"),
        ("hello (fwd) (FWD)", "hello", "Re: hello (fwd) (FWD)"),
        ("[fwd: hello]", "hello", "Re: [fwd: hello]"),
        ("[TAG]", "[TAG]", "Re: [TAG]"),
        ("", "", "Re:"),
        ("Re:", "", "Re:"),
        ("  two\r\n\tlines \x00 ", "two lines", "Re: two lines"),
        ("hi\r\nBcc: v@x.example", "hi Bcc: v@x.example", "Re: hi Bcc: v@x.example"),
        ("\u202egnp.exe\u202c", "gnp.exe", "Re: gnp.exe"),
        ("Reading: a list", "Reading: a list", "Re: Reading: a list"),
        ("Result: 3:2", "Result: 3:2", "Re: Result: 3:2"),
    ],
)
def test_subjects_lose_their_marks_and_replies_have_one(subject: str, base: str, reply: str) -> None:
    assert base_subject(subject) == base
    assert reply_subject(subject) == reply


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=300)
    | st.lists(st.sampled_from(["Re: ", "Fwd:", "[x]", "a", " (fwd)", "\r\n"])).map("".join)
)
def test_a_reply_subject_is_stable_bounded_and_one_clean_line(subject: str) -> None:
    once = reply_subject(subject)
    assert reply_subject(once) == once
    assert once.startswith("Re:")
    assert len(once) <= SUBJECT_LENGTH
    assert not any(ord(c) < 32 or ord(c) == 127 or c in "\u2028\u2029" for c in once)
    assert base_subject(base_subject(subject)) == base_subject(subject)


def test_a_huge_subject_is_cut_and_costs_nothing() -> None:
    assert reply_subject("x" * 100_000).endswith("…")
    assert base_subject("Re: [x] " * 50_000 + "y") in {"", "[x]"}


DRAFT = """Dear Rhys,

Thank you for telling us that the meter was read twice. I can see that this has been frustrating, and I
apologize for the second visit.

Maud has your case and will write to you within one business day. You need not do anything until then.

Kind regards
Bronwen
"""


def test_the_draft_itself_is_a_holding_reply_however_wrapped_and_quoted() -> None:
    assert likeness(DRAFT, DRAFT)
    rewrapped = " ".join(DRAFT.split())
    assert likeness(
        DRAFT, rewrapped.replace("'", "’").upper() + "\n> On Monday Rhys wrote:\n> my meter!\n" * 9
    )


def test_a_small_personal_touch_leaves_it_a_holding_reply() -> None:
    assert likeness(DRAFT, DRAFT.replace("Kind regards", "I hope your mother is better.\n\nKind regards"))


def test_a_real_answer_added_to_the_draft_is_an_answer() -> None:
    answer = (
        "We have now corrected the reading to 4412, so the October bill falls to £48.20, and the "
        "difference of £36 goes back to your bank on the 18th. The engineer will not come again, and "
        "next month the app takes five digits."
    )
    assert not likeness(DRAFT, DRAFT.replace("Kind regards", f"{answer}\n\nKind regards"))


def test_a_rewritten_text_is_an_answer() -> None:
    assert not likeness(DRAFT, "Dear Rhys,\n\nThe second reading was ours by mistake; it is gone.\n\nBronwen")
    assert not likeness(DRAFT, "")
    assert not likeness("", DRAFT)
