from __future__ import annotations

import pytest

from triage.ranking.features import Features, features
from triage.types import Automated, Context, Cue, Hit, Sentiment


def value(found: Features, name: str) -> float:
    return next((f.value for f in found if f.name == name), 0.0)


def evidence(found: Features, name: str) -> str:
    return next(f.evidence for f in found if f.name == name)


def test_each_cue_counts_once_and_shows_its_first_sentence() -> None:
    hits = [Hit(cue=Cue.LEAVING, evidence=e) for e in ("We are moving on.", "The contract ends.")]
    found = features((), hits=hits)
    assert [f for f in found if f.name == "leaving"] == [
        f for f in found if f.evidence == "We are moving on."
    ]
    assert value(found, "leaving") == 1.0


def test_the_worst_sentence_is_the_evidence_of_sentiment() -> None:
    found = features((), sentiment=Sentiment(worst=-0.7, mean=-0.1, last=0.2, worst_sentence="It is awful."))
    assert value(found, "sentiment") == 0.7
    assert evidence(found, "sentiment") == "It is awful."
    assert value(found, "goodwill") == 0.0


UNHAPPY = Sentiment(worst=-0.6, mean=-0.6, last=-0.6, worst_sentence="It is awful.")
HAPPY = Sentiment(worst=0.6, mean=0.6, last=0.6)


def test_where_little_is_said_the_tone_tells_most() -> None:
    short, long = ["It is awful."], ["It is awful.", *["The box is on the table in the hall."] * 6]
    assert value(features(short, sentiment=UNHAPPY), "brief_displeasure") == pytest.approx(0.6)
    assert value(features(long, sentiment=UNHAPPY), "brief_displeasure") == 0.0
    assert value(features(["Why? Is it awful?"], sentiment=UNHAPPY), "brief_displeasure") < 0.6
    assert value(features(["Lovely."], sentiment=HAPPY), "brief_delight") == pytest.approx(0.6)


def test_kind_words_take_nothing_off_where_something_is_the_matter() -> None:
    hits = [Hit(cue=Cue.WANTS_CALL, evidence="Please call me, dear team.")]
    assert value(features(["Please call me, dear team."], hits=hits, sentiment=HAPPY), "brief_delight") == 0.0
    assert value(features(["It is awful."], hits=hits, sentiment=UNHAPPY), "brief_displeasure") > 0.5


def test_shouting_is_seen_but_names_and_abbreviations_are_not() -> None:
    assert value(features(["WHERE IS MY REFUND"]), "shouting") > 0.3
    assert value(features(["The VAT number is missing.", "Please ask DHL."]), "shouting") == 0.0


def test_a_word_three_times_running_is_repetition() -> None:
    assert evidence(features(["Please help help help."]), "repetition") == "Please help help help."
    assert value(features(["It is very very good."]), "repetition") == 0.0


def test_many_exclamation_marks_are_emphasis() -> None:
    assert value(features(["Answer me!!!"]), "exclamation") == 1.0
    assert value(features(["Answer me."]), "exclamation") == 0.0


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Could you send me a copy of the invoice?"),
        ("de", "Könnten Sie mir bitte eine Kopie der Rechnung schicken?"),
        ("fr", "Pourriez-vous m’envoyer une copie de la facture ?"),
        ("es", "¿Podrían enviarme una copia de la factura?"),
        ("nl", "Kunt u mij een kopie van de factuur sturen?"),
        ("it", "Potreste mandarmi una copia della fattura?"),
        ("pt", "Podem enviar-me uma cópia da fatura?"),
    ],
)
def test_a_routine_question_is_known_in_every_language(language: str, sentence: str) -> None:
    found = features([sentence], language=language)
    assert evidence(found, "routine") == sentence
    assert evidence(found, "question") == sentence


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "I was told for the third time that someone would ring."),
        ("de", "Zum dritten Mal hieß es, dass jemand anruft."),
        ("fr", "Pour la troisième fois on m’a dit que quelqu’un rappellerait."),
        ("es", "Por tercera vez me dijeron que alguien me llamaría."),
        ("nl", "Voor de derde keer werd gezegd dat iemand zou bellen."),
        ("it", "Per la terza volta mi hanno detto che qualcuno avrebbe chiamato."),
        ("pt", "Pela terceira vez disseram que alguém ia ligar."),
    ],
)
def test_a_history_with_us_and_the_wish_for_a_person_are_known_in_every_language(
    language: str, sentence: str
) -> None:
    found = features([sentence], language=language)
    assert value(found, "dealings") > 0
    assert value(found, "person") > 0


def test_the_subject_counts_unless_it_answers_ours() -> None:
    assert value(features([], subject="THIRD EMAIL ABOUT MY REFUND"), "shouting") > 0
    assert value(features([], subject="Re: THIRD EMAIL ABOUT MY REFUND"), "shouting") == 0.0


def test_length_alone_changes_nothing() -> None:
    plain = ["The cupboard stands in the hall.", "The shelves lie beside it."]
    assert features(plain) == features(plain * 200) == ()


def test_records_of_the_requester_become_named_values_with_words_for_a_person() -> None:
    context = Context(
        contacts=6, unanswered=2, days_waiting=3.5, promises_broken=1, vip=True, answered_before=True
    )
    found = features((), context=context)
    assert value(found, "context_contacts") == 1.0
    assert value(found, "context_waiting") == 0.5
    assert value(found, "context_promises_broken") == 0.5
    assert value(found, "context_vip") == value(found, "context_reopened") == 1.0
    assert "2 unanswered" in evidence(found, "context_unanswered")


def test_a_first_contact_has_no_context_and_our_holding_reply_is_no_answer() -> None:
    assert features(()) == ()
    held = Context(answered_before=True, only_holding_reply=True)
    assert value(features((), context=held), "context_reopened") == 0.0


def test_automated_and_solved_mail_says_so() -> None:
    found = features((), automated=Automated(ground="list", detail="List-Id: news"), solved=True)
    assert evidence(found, "automated") == "List-Id: news"
    assert value(found, "solved") == 1.0


def test_every_value_lies_between_zero_and_one() -> None:
    shouted = ["NOBODY EVER ANSWERS ME!!!! I was told again and again, ring me now, today!"] * 50
    context = Context(contacts=99, unanswered=50, days_waiting=400, promises_broken=9)
    assert all(0 < f.value <= 1 for f in features(shouted, context=context))
