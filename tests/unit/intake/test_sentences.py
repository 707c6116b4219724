"""Sentences as people write them in mail, in seven languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.intake.sentences import MAX_LENGTH, MAX_SENTENCES, sentences

# Each text is written with "|" where a sentence ends.
CASES = {
    "plain": "It broke.| I am angry!| What now?",
    "title": "Mr. Smith and Dr. Jones came.| Nobody else did.",
    "initial": "I spoke to J. Smith.| He hung up.",
    "price": "I paid £3.50 and €84.200,00 on 1.12.2026 at 9.30.| It is gone.",
    "number": "No. 5 is wrong.| No.| I will not pay.",
    "question in quotes": '"Really?" he said.| Then he left.',
    "quotation ends": "He said “never again.”| I agree.",
    "run-on": "i called.| nobody answers.| i want my money back!| what now??| 0491 570 156",
    "ellipsis": "I waited... and waited.| Then...| Nothing.",
    "a.m.": "He came at 9 a.m. and left at 5 p.m. on Monday.| Twice.",
    "etc. inside": "Cables, plugs etc. are missing.| Please send them.",
    "etc. at the end": "Cables, plugs, etc.| Please send them.",
    "forgotten space": "The bill is late.| I want help.",
    "marks": "WHAT?!| Seriously!!!| Stop.",
    "emoji ends": "So angry 😡😡| My order is late! 😄| Next one.",
    "brackets": "It fell (on my foot.)| It hurts.",
    "german": "Wir warten z.B. seit dem 3. Oktober um 18.30 Uhr.| Nr. 5 fehlt.| Bitte rufen Sie an!",
    "german titles": "Frau Dr. Okonjo sagte, ca. 20 Tage, d.h. bis Freitag, ggf. länger.| Das ist zu lang.",
    "german umlaut": "Es ist kaputt.| Über den Preis reden wir noch.",
    "french": "M. Dupont a dit « encore vous ? » en sonnant.| J'ai refusé !| Et alors ?",
    "spanish": "¿Qué pasa?| ¡Nadie llama!| El Sr. López pagó 84.200 puntos, p.ej. ayer.| ¿Y ahora?",
    "dutch": "De heer dhr. De Vries belde a.u.b. niet.| Kosten: € 83,88 i.p.v. € 59,99.| Geen haast hoor.",
    "italian": "Il sig. Rossi e la dott.ssa Bianchi non rispondono.| Perché?",
    "portuguese": "O Sr. Silva e a Sra. Lima não ligam.| Porquê?| É urgente.",
    "host name": "See www.shop.example or help@shop.example today.| Thanks.",
    "version": "I use v2.1 of the app.| It crashes.",
    "chinese": "坏了。|请退款！",
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_sentences_end_where_a_reader_ends_them(case: str) -> None:
    expected = tuple(part.strip() for part in case.split("|"))
    assert sentences(case.replace("|", "")) == expected


def test_a_forgotten_space_after_a_full_stop_does_not_glue_sentences() -> None:
    assert sentences("The bill is late.It is wrong.I want help.") == (
        "The bill is late.",
        "It is wrong.",
        "I want help.",
    )


def test_wrapped_lines_are_joined() -> None:
    text = (
        "On Saturday evening two of the slats on the upper bunk came out of the side\n"
        "rail while our son was in bed. He is six. He fell onto the bunk below and was\n"
        "Lucky to break only his wrist."
    )
    assert sentences(text) == (
        (
            "On Saturday evening two of the slats on the upper bunk came out of the side rail while "
            "our son was in bed."
        ),
        "He is six.",
        "He fell onto the bunk below and was Lucky to break only his wrist.",
    )


def test_a_line_break_that_no_wrapping_made_ends_a_sentence() -> None:
    assert sentences("Dear team,\nMy order is late\nPlease call\nAda") == (
        "Dear team,",
        "My order is late",
        "Please call",
        "Ada",
    )
    assert sentences("no hot water\nsince monday\n\nplease call") == (
        "no hot water since monday",
        "please call",
    )


def test_list_items_are_sentences_without_their_bullets() -> None:
    text = "What is wrong:\n- no heating\n* no hot water\n1. Rent, paid\n   twice\n2. Deposit"
    assert sentences(text) == (
        "What is wrong:",
        "no heating",
        "no hot water",
        "1. Rent, paid twice",
        "2. Deposit",
    )


def test_ruled_lines_and_blank_ones_are_no_sentences() -> None:
    assert sentences("one\n-----\n\n____\ntwo") == ("one", "two")
    assert sentences("") == ()


def test_a_run_on_is_split_at_spaces() -> None:
    parts = sentences("word " * 1000)
    assert all(len(part) <= MAX_LENGTH for part in parts)
    assert " ".join(parts) == ("word " * 1000).strip()


def test_the_number_of_sentences_is_capped() -> None:
    assert len(sentences("No. Yes. " * 5000)) == MAX_SENTENCES


@given(st.text(alphabet=st.sampled_from("aB1 .!?…\n\"”»)-😡é。,:'"), max_size=200))
def test_every_sentence_is_a_slice_of_the_text(text: str) -> None:
    flat = " ".join(text.split())
    at = 0
    for sentence in sentences(text):
        assert sentence
        at = flat.index(sentence, at) + len(sentence)
