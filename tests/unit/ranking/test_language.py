from __future__ import annotations

import pytest

from triage.ranking.language import detect


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Hello, my parcel has been at the depot since Monday, could you have a look?"),
        ("de", "Guten Tag, mein Paket liegt seit Montag im Depot, könnten Sie bitte nachsehen?"),
        ("fr", "Bonjour, mon colis est au dépôt depuis lundi, pourriez-vous regarder ?"),
        ("es", "Buenos días, mi paquete está en el almacén desde el lunes, ¿pueden mirarlo?"),
        ("nl", "Goedemorgen, mijn pakket ligt sinds maandag in het depot, kunt u even kijken?"),
        ("it", "Buongiorno, il mio pacco è fermo in deposito da lunedì, potete controllare?"),
        ("pt", "Bom dia, a minha encomenda está no armazém desde segunda, podem verificar?"),
        ("pl", "Dzień dobry, moja paczka leży w magazynie od poniedziałku, czy mogą Państwo sprawdzić?"),
    ],
)
def test_a_short_mail_shows_its_language(language: str, text: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize(
    "text", ["", "  \n", "OK", "12345", "4471-902", "?!", "https://shop.example/de/hilfe"]
)
def test_what_holds_no_prose_is_unknown_rather_than_guessed(text: str) -> None:
    assert detect(text) == "unknown"


def test_the_subject_helps_a_very_short_text() -> None:
    assert detect("Danke", subject="Wo bleibt meine Bestellung, bitte?") == "de"


def test_the_subject_does_not_outvote_a_real_text() -> None:
    text = "Ich warte seit drei Wochen auf die Ersatzteile und niemand meldet sich bei mir."
    assert detect(text, subject="Re: Your order has been dispatched") == "de"


def test_addresses_links_and_numbers_do_not_count_as_words() -> None:
    noise = "kundenservice@versand-schnell.example https://www.lieferung.example/verfolgen 4711 AB-99-X "
    assert detect("Where is my order? " + noise * 3) == "en"


def test_lone_surrogates_and_control_characters_do_no_harm() -> None:
    assert detect("\ud800 Where is my table? \x00 It was due on Monday. \udfff") == "en"


def test_a_huge_text_is_read_only_at_its_beginning() -> None:
    assert detect("Where is the table that I ordered? " * 100_000) == "en"
