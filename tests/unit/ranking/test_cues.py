"""Each cue and flag: shown by what people write, not by what only looks like it."""

from __future__ import annotations

from importlib.resources import files

import pytest

from cost import in_proportion
from triage.ranking.cues import LANGUAGES, detect
from triage.types import Cue, Flag

SHOWN = [
    ("life_at_risk", "en", "I want to end my life."),
    ("life_at_risk", "de", "Ich will nicht mehr leben."),
    ("life_at_risk", "fr", "Je veux mourir."),
    ("safety_harm", "en", "The heater sparked and burned my daughter's hand."),
    ("safety_harm", "es", "El enchufe echa chispas."),
    ("fraud_security", "en", "Someone has logged into my account and changed the password."),
    ("fraud_security", "de", "Mein Konto wurde gehackt."),
    ("fraud_security", "nl", "Mijn account is gehackt."),
    ("vulnerable_bereaved", "en", "My husband died in March."),
    ("vulnerable_bereaved", "it", "Mio padre è disabile."),
    ("legal_threat", "en", "You will hear from my solicitor, who is ready to take this further."),
    ("legal_threat", "de", "Ich werde einen Anwalt einschalten."),
    ("legal_threat", "fr", "Sans réponse je saisirai le tribunal."),
    ("regulator", "en", "I have written to Ofcom."),
    ("regulator", "de", "Ich wende mich an die Bundesnetzagentur."),
    ("regulator", "pt", "Vou escrever no livro de reclamações."),
    ("chargeback", "en", "I am raising a chargeback."),
    ("chargeback", "de", "Ich habe eine Rücklastschrift veranlasst."),
    ("public_exposure", "en", "I will post a review on Trustpilot."),
    ("public_exposure", "it", "Lascerò una recensione negativa su Google."),
    ("leaving", "en", "We are moving our account to another supplier."),
    ("leaving", "es", "Nos vamos a la competencia, otra compañía nos hace una oferta."),
    ("repeated_contact", "en", "This is my third email about it."),
    ("repeated_contact", "nl", "Dit is al mijn derde mail."),
    ("repeated_contact", "pt", "É a terceira vez que escrevo."),
    ("disputes_answer", "en", "That is not what I asked."),
    ("disputes_answer", "fr", "Votre réponse est inacceptable."),
    ("broken_promise", "en", "You promised a refund by Friday but nothing came."),
    ("broken_promise", "de", "Der zugesagte Rückruf ist nicht erfolgt."),
    ("wants_call", "en", "Please ring me on the number below."),
    ("wants_call", "fr", "Rappelez-moi aujourd'hui."),
    ("wants_manager", "en", "I want to speak to a manager."),
    ("wants_manager", "es", "Quiero hablar con el responsable."),
    ("deadline", "en", "Our flight is tomorrow."),
    ("money_loss", "en", "You charged me twice."),
    ("money_loss", "it", "Mi avete addebitato due volte l'importo."),
    ("abuse", "en", "You useless lot of idiots."),
    ("abuse", "de", "Ihr seid alle Idioten."),
    ("discrimination_privacy", "en", "Your invoice shows another customer's personal details."),
    ("data_rights", "en", "This is a subject access request under the GDPR."),
    ("data_rights", "de", "Bitte löschen Sie alle meine Daten nach DSGVO."),
    ("official", "en", "We act on behalf of our client Mrs Green."),
]

NOT_SHOWN = [
    ("legal_threat", "en", "My lawyer needs a copy of the invoice."),
    ("legal_threat", "de", "Mein Anwalt braucht eine Kopie der Rechnung."),
    ("legal_threat", "en", "I don't want to take you to court."),
    ("life_at_risk", "en", "Please kill the process on the second server."),
    ("life_at_risk", "en", "I could murder a coffee."),
    ("life_at_risk", "en", "My sister is dying to know which scent it was."),
    ("life_at_risk", "en", "Just shoot me an email."),
    ("life_at_risk", "en", "There was a fatal error in the import."),
    ("money_loss", "en", "I am not asking for a refund."),
    ("regulator", "en", "Does the gas regulator fit the new bottle?"),
    ("public_exposure", "en", "Please press the button for me."),
    ("wants_call", "en", "Please don't call me."),
    ("leaving", "en", "I am cancelling because we are moving house."),
    ("deadline", "en", "No rush, whenever suits you, though the party is on Saturday."),
    ("fraud_security", "en", "We would like to book the fraud awareness course."),
    ("repeated_contact", "en", "Thanks again for the quick reply."),
]

FLAGGED = [
    (Flag.NO_CALL, "en", "Please don't ring me."),
    (Flag.NO_CALL, "de", "Bitte nicht anrufen."),
    (Flag.NO_MAIL, "en", "Do not reply by email."),
    (Flag.NO_VOICEMAIL, "en", "Please don't leave a message."),
    (Flag.NO_VOICEMAIL, "fr", "Ne laissez pas de message sur le répondeur."),
    (Flag.ONLY_NUMBER, "en", "Only ring me on this number."),
    (Flag.WRITING_ONLY, "en", "I want everything in writing."),
    (Flag.WRITING_ONLY, "es", "Soy sorda."),
    (Flag.RELAY, "en", "You can use the text relay service."),
    (Flag.UNSAFE, "en", "My husband must not know about this."),
    (Flag.UNSAFE, "en", "He checks my phone."),
    (Flag.UNSAFE, "nl", "Mijn man leest mijn mail."),
    (Flag.DEATH_NOTICE, "en", "My father passed away on Sunday."),
    (Flag.DEATH_NOTICE, "it", "Mio padre è deceduto."),
    (Flag.MINOR, "en", "I'm 14 and I bought a game."),
    (Flag.MINOR, "de", "Ich bin 13 Jahre alt."),
]

NOT_FLAGGED = [
    (Flag.NO_CALL, "en", "I didn't get a call back."),
    (Flag.NO_MAIL, "en", "I did not get the confirmation email."),
    (Flag.DEATH_NOTICE, "en", "My phone died on Sunday."),
    (Flag.UNSAFE, "en", "My husband must not know, it is a birthday present."),
    (Flag.MINOR, "en", "I'm 14 miles from your shop."),
]


def _cues(sentence: str, language: str) -> set[str]:
    return {hit.cue.value for hit in detect([sentence], language=language).hits}


@pytest.mark.parametrize(("cue", "language", "sentence"), SHOWN)
def test_a_cue_is_shown_by_a_plain_statement(cue: str, language: str, sentence: str) -> None:
    assert cue in _cues(sentence, language)


@pytest.mark.parametrize(("cue", "language", "sentence"), NOT_SHOWN)
def test_a_cue_is_not_shown_by_a_negation_or_a_harmless_use(cue: str, language: str, sentence: str) -> None:
    assert cue not in _cues(sentence, language)


@pytest.mark.parametrize(("flag", "language", "sentence"), FLAGGED)
def test_a_wish_or_fact_is_flagged_with_its_sentence(flag: Flag, language: str, sentence: str) -> None:
    found = detect([sentence], language=language)
    assert (flag, sentence) in found.evidence_of_flags
    assert flag in found.flags


@pytest.mark.parametrize(("flag", "language", "sentence"), NOT_FLAGGED)
def test_what_only_looks_like_a_wish_is_not_flagged(flag: Flag, language: str, sentence: str) -> None:
    assert flag not in detect([sentence], language=language).flags


def test_every_cue_and_flag_has_a_positive_case() -> None:
    assert {cue for cue, _, _ in SHOWN} == {cue.value for cue in Cue}
    assert {flag for flag, _, _ in FLAGGED} == set(Flag)


def test_evidence_is_the_sentence_as_given_and_the_subject_counts() -> None:
    subject = "I’LL SEE YOU IN COURT  over this, and small claims it is"
    hits = detect(["Thank you."], subject=subject, language="en").hits
    assert [(h.cue, h.evidence) for h in hits] == [(Cue.LEGAL_THREAT, subject)]


def test_a_settled_danger_is_harm_but_not_present() -> None:
    then = detect(["Two years ago the toaster caught fire.", "It has since been replaced."], language="en")
    now = detect(
        ["The toaster was replaced last year.", "The new one still smokes, and the plug is burning hot."]
    )
    assert [h.present_danger for h in then.hits if h.cue is Cue.SAFETY_HARM] == [False]
    assert any(h.present_danger for h in now.hits)


def test_english_is_read_in_a_mail_of_another_language() -> None:
    sentences = ["Guten Tag,", "I will instruct my solicitor to write to you."]
    assert Cue.LEGAL_THREAT in {h.cue for h in detect(sentences, language="de").hits}


def test_life_at_risk_is_found_whatever_language_was_guessed() -> None:
    found = detect(["Ich will nicht mehr leben."], language="pt")
    assert [h.cue for h in found.hits] == [Cue.LIFE_AT_RISK]


def test_nothing_is_found_in_nothing() -> None:
    assert detect([]).hits == ()
    assert detect(["", "   "], subject="").evidence_of_flags == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_list_has_every_cue_and_flag(language: str) -> None:
    text = files("triage.ranking").joinpath("cue_lists", f"{language}.toml").read_text(encoding="utf-8")
    for cue in Cue:
        assert f"[cues.{cue.value}]" in text
    for flag in Flag:
        assert f"[flags.{flag.value}]" in text
    assert "[cues.present_danger]" in text


def test_a_megabyte_of_crowded_text_is_read_in_bounded_time() -> None:
    sentence = ("He said he will kill me, we smell gas, the heater sparks, no refund, my third email. " * 12)[
        :1000
    ]
    assert in_proportion(
        lambda told: detect(told, language="en"), [sentence] * 30, [sentence] * 300, times=10, within=20.0
    )
