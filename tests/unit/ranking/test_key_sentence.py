from __future__ import annotations

import pytest

from triage.ranking.key_sentence import MOST, choose, signs
from triage.types import Cue, Hit


def test_without_sentences_there_is_none() -> None:
    assert choose(()) == ""


def test_the_only_sentence_is_the_key_sentence() -> None:
    assert choose(("Ok.",)) == "Ok."


@pytest.mark.parametrize(
    ("language", "told", "key"),
    [
        ("en", ["Hope you are all well.", "Can I change the delivery address?", "No hurry."], 1),
        ("de", ["Ich hoffe, es geht Ihnen gut.", "Kann ich die Lieferadresse noch ändern?", "Danke."], 1),
        ("fr", ["J’espère que vous allez bien.", "Puis-je changer l’adresse de livraison ?", "Merci."], 1),
        ("es", ["Espero que estén bien.", "¿Puedo cambiar la dirección de entrega?", "Gracias."], 1),
        ("nl", ["Ik hoop dat alles goed gaat.", "Kan ik het bezorgadres nog wijzigen?", "Bedankt."], 1),
        ("it", ["Spero che stiate bene.", "Posso cambiare l’indirizzo di consegna?", "Grazie."], 1),
        ("pt", ["Espero que estejam bem.", "Posso mudar a morada de entrega?", "Obrigado."], 1),
    ],
)
def test_in_plain_mail_the_question_is_the_key(language: str, told: list[str], key: int) -> None:
    assert choose(told, language=language) == told[key]


def test_in_grave_mail_what_happened_outranks_the_question_after_it() -> None:
    told = [
        "The heater you sold us on the 3rd caught fire and my son was burned on both hands.",
        "We are at home now.",
        "Do you want it back?",
    ]
    hits = [Hit(cue=Cue.SAFETY_HARM, evidence=told[0], present_danger=True)]
    assert choose(told, hits=hits) == told[0]


def test_thanks_and_numbers_are_passed_over() -> None:
    told = [
        "Thank you for your help last week.",
        "The screen still stays black.",
        "My number is 07700 900123.",
    ]
    assert choose(told) == told[1]


def test_it_is_one_of_the_given_sentences_verbatim() -> None:
    told = ("  Odd   spacing, isn’t it? ", "Yes.")
    assert choose(told) in told


def test_a_run_on_of_a_whole_page_is_avoided() -> None:
    rambling = "and then I went there and it was not open " * 20
    assert choose([rambling, "I need a refund for order 4471."]) == "I need a refund for order 4471."


def test_of_two_alike_the_one_that_the_subject_speaks_of_is_the_key() -> None:
    told = ["The kettle has no plug.", "The toaster has no plug.", "The teapot has no lid."]
    assert choose(told, subject="Toaster without plug") == told[1]


def test_every_sign_lies_between_0_and_1_and_each_sentence_has_its_own() -> None:
    told = ["Order 44711199: £30, paid, twice, again, by card!", "", "Why?", "word " * 300]
    shown = signs(told, subject="Order 4471", hits=[Hit(cue=Cue.MONEY_LOSS, evidence=told[0])])
    assert len(shown) == len(told)
    assert all(0.0 < value <= 1.0 for of_sentence in shown for value in of_sentence.values())
    assert "cue_money_loss" in shown[0]
    assert "cue" not in shown[2]


def test_what_stands_after_very_many_sentences_is_not_looked_at() -> None:
    told = ["Fine."] * MOST + ["Can I have a refund for order 4471, which arrived broken on Monday?"]
    assert choose(told) == "Fine."
