"""When requesters say that they can be phoned, and what their words narrow."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from triage.calls.callback import CallbackWindow, asked
from triage.promises import parse_hours

WEDNESDAY = datetime(2026, 11, 25, 10, 0, tzinfo=ZoneInfo("Europe/London"))
WEEK = parse_hours("09:00-20:00", "mon-sat")


def wish(text: str, language: str = "en", *, answering: bool = False) -> str:
    found = asked(text, language, received=WEDNESDAY, answering=answering)
    return str(found) if found else ""


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Try me after 6.", "18:00-00:00"),
        ("en", "Please call me after 6pm on 07700 900123.", "18:00-00:00"),
        ("en", "You can reach me between 2 and 4 pm.", "14:00-16:00"),
        ("en", "Don't call me before 10, I work nights.", "10:00-00:00"),
        ("en", "Please do not ring me in the mornings.", "12:00-00:00"),
        ("en", "My mobile is 07700 900123. I'm only free in the evenings.", "17:00-22:00"),
        ("en", "Best time to get me is weekdays from 9 to 5.", "09:00-17:00 mon,tue,wed,thu,fri"),
        ("en", "Could you ring me tomorrow afternoon?", "12:00-18:00 thu until 2026-11-26"),
        ("en", "Call me on Friday after three o'clock please.", "15:00-00:00 fri"),
        ("en", "Please phone me at 3:30 pm.", "15:30-16:30"),
        ("en", "I can talk on the phone. I am at home on Tuesdays and Thursdays.", "00:00-00:00 tue,thu"),
        ("en", "Please don't call me at weekends.", "00:00-00:00 mon,tue,wed,thu,fri"),
        ("de", "Bitte rufen Sie mich erst nach 18 Uhr an.", "18:00-00:00"),
        ("de", "Ich bin vormittags am besten zu erreichen.", "08:00-12:00"),
        ("de", "Bitte nicht vor 10 Uhr anrufen.", "10:00-00:00"),
        ("de", "Erreichbar bin ich zwischen 16 und 18 Uhr.", "16:00-18:00"),
        ("de", "Ich bin telefonisch von 8 bis 12 zu erreichen.", "08:00-12:00"),
        ("de", "Rufen Sie mich bitte morgen früh an.", "08:00-12:00 thu until 2026-11-26"),
        ("fr", "Appelez-moi après 18h30.", "18:30-00:00"),
        ("fr", "Vous pouvez me joindre le matin.", "08:00-12:00"),
        ("fr", "Je suis disponible entre 14h et 16h au 06 12 44 87 09.", "14:00-16:00"),
        ("fr", "Merci de me rappeler demain après-midi.", "12:00-18:00 thu until 2026-11-26"),
        ("es", "Llámenme después de las 18 horas, por favor.", "18:00-00:00"),
        ("es", "Mi teléfono es el 639 11 87 02. Estoy disponible por las mañanas.", "08:00-12:00"),
        ("es", "Llámeme mañana por la tarde.", "12:00-18:00 thu until 2026-11-26"),
        ("it", "Chiamatemi dopo le 18.", "18:00-00:00"),
        ("it", "Sono reperibile dalle 14 alle 16.", "14:00-16:00"),
        ("it", "Mi chiami domani mattina, per favore.", "08:00-12:00 thu until 2026-11-26"),
        ("nl", "Bel mij na 18 uur.", "18:00-00:00"),
        ("nl", "Ik ben 's ochtends het beste bereikbaar.", "08:00-12:00"),
        ("nl", "U kunt me bereiken tussen 14 en 16 uur.", "14:00-16:00"),
        ("pt", "Liguem-me depois das 18h.", "18:00-00:00"),
        ("pt", "Estou disponível de manhã pelo telefone.", "08:00-12:00"),
        ("pt", "Podem ligar-me entre as 14h e as 16h.", "14:00-16:00"),
    ],
)
def test_a_wish_is_read(language: str, text: str, expected: str) -> None:
    assert wish(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I called after 6 and nobody picked up."),
        ("en", "You promised to call me before 5 yesterday."),
        ("en", "I was on hold from 2 to 4."),
        ("en", "The parcel was due between 9 and 12 on Friday."),
        ("en", "Please refund me from the 3rd of May."),
        ("en", "Call me about the 12 boxes."),
        ("en", "Your shop is closed on Mondays."),
        ("en", "I am at home on Tuesdays. The sofa is blue."),
        ("en", "Please call me before Friday, the contract ends then."),
        ("en", "I WANT A MANAGER TO RING ME TODAY."),
        ("en", "Please call me, it is about invoice 18."),
        ("en", "Ring me on 07700 900123."),
        ("de", "Ich habe gestern nach 18 Uhr angerufen und niemand war da."),
        ("de", "Der Techniker sollte zwischen 8 und 12 kommen."),
        ("fr", "J'ai appelé après 18h sans réponse."),
        ("es", "Llamé después de las 6 y nadie contestó."),
        ("it", "Ho chiamato dopo le 18 senza risposta."),
        ("nl", "Ik heb na 18 uur gebeld en niemand nam op."),
        ("pt", "Liguei depois das 18h e ninguém atendeu."),
        ("ja", "18時以降に電話してください"),
    ],
)
def test_what_is_no_wish_narrows_nothing(language: str, text: str) -> None:
    assert wish(text, language) == ""


def test_an_answer_to_our_question_needs_no_word_of_calling() -> None:
    assert wish("07700 900123, after 6") == ""
    assert wish("07700 900123, after 6", answering=True) == "18:00-00:00"
    assert wish("evenings are fine", answering=True) == "17:00-22:00"


def test_a_wish_narrows_the_hours_and_never_widens_them() -> None:
    after_six = CallbackWindow.parse("18:00-00:00").within(WEEK, date(2026, 11, 25))
    assert after_six == parse_hours("18:00-20:00", "mon-sat")
    late = CallbackWindow.parse("21:00-00:00").within(WEEK, date(2026, 11, 25))
    assert not any(late)


def test_a_wish_for_one_day_lapses_with_it() -> None:
    friday = CallbackWindow.parse("15:00-00:00 fri until 2026-11-27")
    assert friday.within(WEEK, date(2026, 11, 25)) == parse_hours("15:00-20:00", "fri")
    assert friday.within(WEEK, date(2026, 11, 28)) == WEEK


@pytest.mark.parametrize("kept", ["", "soon", "25:00-26:00", "09:00-10:00 someday", "09:00-10:00 until then"])
def test_a_record_that_cannot_be_read_is_an_error(kept: str) -> None:
    with pytest.raises(ValueError, match=r"isoformat|is no day|must be in"):
        CallbackWindow.parse(kept)


def test_what_is_kept_is_read_back() -> None:
    found = asked("Please call me tomorrow between 2 and 4 pm.", "en", received=WEDNESDAY)
    assert found is not None
    assert found.said.startswith("Please call me tomorrow")
    read = CallbackWindow.parse(str(found))
    assert (read.start, read.end, read.days, read.until) == (found.start, found.end, found.days, found.until)
