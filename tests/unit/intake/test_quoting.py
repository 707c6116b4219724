"""What belongs to the writer and what is history, as mail clients of seven languages write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.intake.body import separate

OWN = "The boiler is dead again and nobody rings me back."
OURS = "Dear Ms Example,\n\nwe are very sorry for the distress.\n\nBrightmoor Energy\n+44 20 7946 0100"


def quote(text: str, mark: str = "> ") -> str:
    return "\n".join((mark + line).rstrip() for line in text.split("\n"))


ATTRIBUTIONS = {
    "gmail en": "On Fri, 2 Oct 2026 at 15:38, Brightmoor Energy <help@brightmoor.example> wrote:",
    "gmail us": "On Fri, Oct 2, 2026 at 3:38 PM Brightmoor Energy <help@brightmoor.example> wrote:",
    "gmail wrapped": (
        "On Fri, 2 Oct 2026 at 15:38, Brightmoor Energy and its friends\n<help@brightmoor.example> wrote:"
    ),
    "gmail wrapped twice": "On Fri, 2 Oct 2026 at 15:38,\nBrightmoor <help@brightmoor.example>\nwrote:",
    "thunderbird en": "On 02/10/2026 15:38, Brightmoor Energy wrote:",
    "apple en": "On 2 Oct 2026, at 15:38, Brightmoor Energy <help@brightmoor.example> wrote:",
    "yahoo en": "On Friday, October 2, 2026 at 03:38:00 PM GMT+1, Help <help@brightmoor.example> wrote:",
    "proton en": "On Friday, October 2nd, 2026 at 15:38, Help <help@brightmoor.example> wrote:",
    "zoho en": "---- On Fri, 02 Oct 2026 15:38:00 +0100 Help <help@brightmoor.example> wrote ----",
    "old gmail": "2026-10-02 15:38 GMT+01:00 Brightmoor Energy <help@brightmoor.example>:",
    "mutt": "On Fri, Oct 02, 2026 at 03:38:00PM +0100, Brightmoor Energy wrote:",
    "gmail de": "Am Fr., 2. Okt. 2026 um 15:38 Uhr schrieb Brightmoor Energy <help@brightmoor.example>:",
    "thunderbird de": "Am 02.10.2026 um 15:38 schrieb Brightmoor Energy:",
    "apple de": "> Am 02.10.2026 um 15:38 schrieb Brightmoor Energy <help@brightmoor.example>:",
    "t-online de": "Brightmoor Energy <help@brightmoor.example> schrieb am 02.10.2026 um 15:38:",
    "ionos de": "Brightmoor Energy <help@brightmoor.example> hat am 02.10.2026 15:38 CEST geschrieben:",
    "gmail fr": "Le ven. 2 oct. 2026 à 15:38, Brightmoor Energy <help@brightmoor.example> a écrit :",
    "thunderbird fr": "Le 02/10/2026 à 15:38, Brightmoor Energy a écrit\u00a0:",
    "apple fr": "> Le 2 oct. 2026 à 15:38, Brightmoor Energy <help@brightmoor.example> a écrit :",
    "gmail es": "El vie, 2 oct 2026 a las 15:38, Brightmoor Energy (<help@brightmoor.example>) escribió:",
    "thunderbird es": "El 02/10/2026 a las 15:38, Brightmoor Energy escribió:",
    "gmail nl": "Op vr 2 okt 2026 om 15:38 schreef Brightmoor Energy <help@brightmoor.example>:",
    "thunderbird nl": "Op 02-10-2026 om 15:38 schreef Brightmoor Energy:",
    "apple nl": (
        "Op 2 okt. 2026 om 15:38 heeft Brightmoor Energy <help@brightmoor.example> het volgende geschreven:"
    ),
    "gmail it": (
        "Il giorno ven 2 ott 2026 alle ore 15:38 Brightmoor Energy <help@brightmoor.example> ha scritto:"
    ),
    "thunderbird it": "Il 02/10/2026 15:38, Brightmoor Energy ha scritto:",
    "gmail pt-br": "Em sex., 2 de out. de 2026 às 15:38, Brightmoor <help@brightmoor.example> escreveu:",
    "gmail pt": "Brightmoor Energy <help@brightmoor.example> escreveu (sexta, 2/10/2026 à(s) 15:38):",
    "thunderbird pt": "Em 02/10/2026 15:38, Brightmoor Energy escreveu:",
    "gmail hu": "Brightmoor Energy <help@brightmoor.example> ezt írta (időpont: 2026. okt. 2., P, 15:38):",
}

HEADER_BLOCKS = {
    "en": (
        "From: Help <help@brightmoor.example>\nSent: 02 October 2026 15:38\n"
        "To: A. Example <a@example.org>\nSubject: RE: boiler"
    ),
    "en bold": (
        "*From:* Help <help@brightmoor.example>\n*Sent:* Friday, October 2, 2026 3:38 PM\n"
        "*To:* a@example.org\n*Subject:* RE: boiler"
    ),
    "en underscores": (
        "________________________________\nFrom: Help <help@brightmoor.example>\nSent: Friday\nTo: A\n"
        "Subject: boiler"
    ),
    "en long to": (
        "From: Help\nSent: 02 October 2026 15:38\nTo: A. Example <a@example.org>;\n"
        " B. Example <b@example.org>\nCc: C\nSubject: boiler"
    ),
    "en separator": "-----Original Message-----\nFrom: Help\nSent: 2 October 2026\nTo: A\nSubject: boiler",
    "de": (
        "Von: Help <help@brightmoor.example>\nGesendet: Freitag, 2. Oktober 2026 15:38\nAn: A\n"
        "Betreff: AW: Heizung"
    ),
    "de separator": "-----Ursprüngliche Nachricht-----\nVon: Help\nGesendet: Freitag\nAn: A\nBetreff: Gas",
    "fr": (
        "De : Help <help@brightmoor.example>\nEnvoyé : vendredi 2 octobre 2026 15:38\nÀ : A\n"
        "Objet : RE: chaudière"
    ),
    "fr separator": "-----Message d'origine-----\nDe : Help\nEnvoyé : vendredi\nÀ : A\nObjet : chaudière",
    "es": (
        "De: Help <help@brightmoor.example>\nEnviado: viernes, 2 de octubre de 2026 15:38\nPara: A\n"
        "Asunto: RE: caldera"
    ),
    "es separator": "-----Mensaje original-----\nDe: Help\nEnviado el: viernes\nPara: A\nAsunto: caldera",
    "nl": (
        "Van: Help <help@brightmoor.example>\nVerzonden: vrijdag 2 oktober 2026 15:38\nAan: A\n"
        "Onderwerp: RE: ketel"
    ),
    "nl separator": "-----Oorspronkelijk bericht-----\nVan: Help\nVerzonden: vrijdag\nAan: A\nOnderwerp: gas",
    "it": (
        "Da: Help <help@brightmoor.example>\nInviato: venerdì 2 ottobre 2026 15:38\nA: A\nOggetto: R: caldaia"
    ),
    "it separator": "-----Messaggio originale-----\nDa: Help\nInviato: venerdì\nA: A\nOggetto: caldaia",
    "pt": (
        "De: Help <help@brightmoor.example>\nEnviada em: sexta-feira, 2 de outubro de 2026 15:38\n"
        "Para: A\nAssunto: RE: caldeira"
    ),
    "pt separator": "-----Mensagem original-----\nDe: Help\nEnviada: sexta\nPara: A\nAssunto: caldeira",
    "sv": "Från: Help <help@brightmoor.example>\nSkickat: den 2 oktober 2026 15:38\nTill: A\nÄmne: panna",
}

FORWARDS = {
    "gmail en": (
        "---------- Forwarded message ---------\nFrom: Shop <shop@example.net>\n"
        "Date: Sat, 14 Nov 2026 at 21:16\nSubject: Broken\nTo: <a@example.org>\n"
    ),
    "apple en": (
        "> Begin forwarded message:\n> \n> From: Shop <shop@example.net>\n> Subject: Broken\n"
        "> Date: 14 November 2026 at 21:16:00 GMT\n> To: a@example.org\n>"
    ),
    "apple plain": (
        "Begin forwarded message:\n\nFrom: Shop <shop@example.net>\nSubject: Broken\n"
        "Date: 14 November 2026 at 21:16:00 GMT\nTo: a@example.org\n"
    ),
    "thunderbird en": (
        "-------- Forwarded Message --------\nSubject: \tBroken\n"
        "Date: \tSat, 14 Nov 2026 21:16:00 +0000\nFrom: \tShop <shop@example.net>\n"
        "To: \ta@example.org\n"
    ),
    "thunderbird de": (
        "-------- Weitergeleitete Nachricht --------\nBetreff: \tBroken\nDatum: \t14.11.2026 21:16\n"
        "Von: \tShop <shop@example.net>\nAn: \ta@example.org\n"
    ),
    "old thunderbird de": (
        "-------- Original-Nachricht --------\nBetreff: Broken\nDatum: 14.11.2026 21:16\n"
        "Von: Shop <shop@example.net>\nAn: a@example.org\n"
    ),
    "apple de": (
        "> Anfang der weitergeleiteten Nachricht:\n> \n> Von: Shop <shop@example.net>\n"
        "> Betreff: Broken\n> Datum: 14. November 2026\n> An: a@example.org\n>"
    ),
    "gmail fr": (
        "---------- Message transféré ---------\nDe : Shop <shop@example.net>\n"
        "Date: sam. 14 nov. 2026 à 21:16\nObjet : Broken\nÀ : a@example.org\n"
    ),
    "gmail es": (
        "---------- Mensaje reenviado ---------\nDe: Shop <shop@example.net>\nFecha: sáb, 14 nov 2026\n"
        "Asunto: Broken\nPara: a@example.org\n"
    ),
    "gmail nl": (
        "---------- Doorgestuurd bericht ---------\nVan: Shop <shop@example.net>\n"
        "Datum: za 14 nov 2026\nOnderwerp: Broken\nAan: a@example.org\n"
    ),
    "gmail it": (
        "---------- Messaggio inoltrato ---------\nDa: Shop <shop@example.net>\nData: sab 14 nov 2026\n"
        "Oggetto: Broken\nA: a@example.org\n"
    ),
    "gmail pt": (
        "---------- Mensagem encaminhada ---------\nDe: Shop <shop@example.net>\n"
        "Data: sáb., 14 de nov. de 2026\nAssunto: Broken\nPara: a@example.org\n"
    ),
    "pt-pt": (
        "---------- Mensagem reencaminhada ---------\nDe: Shop <shop@example.net>\nDate: 14/11/2026\n"
        "Subject: Broken\nTo: a@example.org\n"
    ),
}

# Whole mails of which nothing may be cut.
KEPT = {
    "prose that introduces": "On Monday I wrote:\nplease send someone. Nobody came.",
    "prose with date and time": "On 2 October at 15:38 I wrote:\n\nPlease send someone.\n\nNobody ever came.",
    "an agent's words retold": "On 2 Oct at 15:38 your agent Bob wrote:\n\n“It is on its way.”\n\nThat was a lie.",
    "german retold": "Am 2. Oktober um 15:38 schrieb ich:\n\nBitte schicken Sie jemanden.\n\nEs kam niemand.",
    "french retold": "Le 2 octobre à 15h38 j'ai écrit :\n\nMerci de venir.\n\nPersonne n'est venu.",
    "itinerary": "My booking:\n\nFrom: Paris\nTo: Dublin\nDate: 9 December\n\nPlease change the date.",
    "itinerary in german": "Von: Hamburg\nNach: Edinburgh\nDatum: 3. Mai\n\nBitte umbuchen.",
    "two labels": "From: the flat above\nSubject: noise\n\nIt never stops.",
    "a comparison": "The queue took\n> 40 minutes\nand then you hung up.",
    "an escaped From": "We came home.\n>From then on the heating was off.\nIt still is.",
    "dashes": "First the lift broke.\n\n---------------\n\nThen the door did.",
    "a line of its own": "See my original message.\nIt said that the child was hurt.",
    "forwarded in prose": "I forwarded message after message to you and got nothing back.",
    "answer above the line": "Your bot says to reply above the top line of the form, which is what I do.",
    "sent as a word": "Sent: nothing. Received: nothing. That is your service.",
    "colon and times": "Open from: 9:00\nto: 17:30\nand still nobody answers.",
}


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_an_answer_above_a_quotation_is_all_that_is_new(attribution: str) -> None:
    parts = separate(f"{OWN}\n\nAda\n\n{attribution}\n\n{quote(OURS)}\n")
    assert parts.new_text == f"{OWN}\n\nAda"
    assert "distress" in parts.quoted_text
    assert parts.signature == ""


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_an_answer_below_a_quotation_is_all_that_is_new(attribution: str) -> None:
    assert separate(f"{attribution}\n{quote(OURS)}\n\n{OWN}\n\nAda").new_text == f"{OWN}\n\nAda"


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_answers_between_quoted_lines_are_joined_in_order(attribution: str) -> None:
    text = (
        f"Hello,\n\n{attribution}\n> Was the engineer there?\n\nNo, he was not.\n\n> Is it solved?\n"
        f"Never.\n\nAda\n> Regards"
    )
    assert separate(text).new_text == "Hello,\n\nNo, he was not.\n\nNever.\n\nAda"


@pytest.mark.parametrize(
    "name",
    [
        "gmail en",
        "gmail wrapped",
        "yahoo en",
        "gmail de",
        "gmail fr",
        "gmail es",
        "gmail nl",
        "gmail it",
        "gmail pt-br",
    ],
)
def test_an_attribution_with_an_address_needs_no_quote_marks(name: str) -> None:
    assert separate(f"{OWN}\n\n{ATTRIBUTIONS[name]}\n\n{OURS}").new_text == OWN


@pytest.mark.parametrize("block", HEADER_BLOCKS.values(), ids=HEADER_BLOCKS)
def test_an_outlook_header_block_begins_the_history(block: str) -> None:
    parts = separate(f"{OWN}\n\nAda\n\n{block}\n\n{OURS}")
    assert parts.new_text == f"{OWN}\n\nAda"
    assert "distress" in parts.quoted_text
    assert parts.forwarded_header == ()


@pytest.mark.parametrize("block", HEADER_BLOCKS.values(), ids=HEADER_BLOCKS)
def test_a_bare_header_block_is_a_forward_if_the_subject_says_so(block: str) -> None:
    parts = separate(f"Please deal with this.\n\n{block}\n\n{OWN}", forward=True)
    assert parts.new_text == "Please deal with this."
    assert dict(parts.forwarded_header)["from"].startswith("Help")
    assert set(dict(parts.forwarded_header)) <= {"from", "date", "to", "cc", "subject"}
    assert parts.forwarded_text == OWN


@pytest.mark.parametrize("block", HEADER_BLOCKS.values(), ids=HEADER_BLOCKS)
def test_a_message_with_nothing_above_its_header_block_is_kept(block: str) -> None:
    assert separate(f"{block}\n\n{OWN}").new_text == OWN


@pytest.mark.parametrize("forward", FORWARDS.values(), ids=FORWARDS)
def test_a_forward_keeps_its_header_and_the_words_above_it(forward: str) -> None:
    mark = "> " if forward.startswith(">") else ""
    parts = separate(f"See what they sent me.\n\nAda\n\n{forward}\n{quote(OWN, mark)}")
    assert parts.new_text == "See what they sent me.\n\nAda"
    assert dict(parts.forwarded_header)["from"] == "Shop <shop@example.net>"
    assert dict(parts.forwarded_header)["subject"] == "Broken"
    assert parts.forwarded_text == OWN


@pytest.mark.parametrize("forward", FORWARDS.values(), ids=FORWARDS)
@pytest.mark.parametrize(
    "above", ["", "Sent from my iPhone\n\n", "Kind regards\nAda Example\n\n"], ids=["bare", "phone", "signed"]
)
def test_a_forward_with_nothing_written_above_is_the_forwarded_message(above: str, forward: str) -> None:
    mark = "> " if forward.startswith(">") else ""
    parts = separate(f"{above}{forward}\n{quote(OWN, mark)}")
    assert parts.new_text == OWN
    assert parts.forwarded_text == OWN


def test_a_forwarded_message_is_itself_freed_of_its_history_and_signature() -> None:
    inner = (
        f"{OWN}\n\nKind regards\nAda Example\nT +44 20 7946 0555\n\n{ATTRIBUTIONS['gmail en']}\n{quote(OURS)}"
    )
    parts = separate(f"{FORWARDS['gmail en']}\n{inner}")
    assert parts.new_text == f"{OWN}\n\nKind regards\nAda Example"
    assert "7946 0555" in parts.signature


def test_a_forward_within_a_forward_is_followed_to_the_message() -> None:
    assert separate(f"{FORWARDS['gmail en']}\n{FORWARDS['gmail fr']}\n{OWN}").new_text == OWN


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_prose_that_only_looks_like_history_is_kept(text: str) -> None:
    kept = separate(text).new_text
    assert kept.replace(">From", "From") == text.replace(">From", "From")


def test_a_short_answer_is_never_replaced_by_the_history_below_it() -> None:
    for block in HEADER_BLOCKS.values():
        assert separate(f"Thanks!\nAda\n\n{block}\n\n{OURS}").new_text == "Thanks!\nAda"


def test_an_answer_of_nothing_but_our_quoted_mail_says_nothing_new() -> None:
    assert separate(f"{ATTRIBUTIONS['gmail en']}\n\n{quote(OURS)}").new_text == ""


def test_a_mail_written_wholly_behind_quote_marks_is_read() -> None:
    assert separate(quote(f"{OWN}\nPlease!")).new_text == f"{OWN}\nPlease!"


@pytest.mark.parametrize(
    "mark",
    [
        "##- Please type your reply above this line -##",
        "--- Reply above this line ---",
        "##- Bitte geben Sie Ihre Antwort oberhalb dieser Zeile ein -##",
        "##- Veuillez saisir votre réponse au-dessus de cette ligne -##",
        "##- Escriba su respuesta por encima de esta línea -##",
        "##- Typ uw antwoord boven deze regel -##",
        "##- Scrivi la tua risposta sopra questa riga -##",
        "##- Digite a sua resposta acima desta linha -##",
    ],
)
def test_a_help_desks_mark_ends_what_is_new(mark: str) -> None:
    assert separate(f"{OWN}\n\n{mark}\n\n{OURS}").new_text == OWN
    assert (
        separate(f"{mark}\n\nYour request has been received.").new_text == "Your request has been received."
    )


def test_line_ends_of_every_system_are_understood() -> None:
    text = f"{OWN}\n\n{ATTRIBUTIONS['gmail en']}\n{quote(OURS)}"
    assert separate(text.replace("\n", "\r\n")) == separate(text)
    assert separate(text.replace("\n", "\r")).new_text == OWN


def test_nothing_of_a_mail_is_lost() -> None:
    """Every word of a mail is in one of its parts."""
    for attribution in ATTRIBUTIONS.values():
        text = f"{OWN}\n\nKind regards\nAda\nT +44 20 7946 0555\n\n{attribution}\n{quote(OURS)}"
        parts = separate(text)
        together = " ".join([parts.new_text, parts.signature, parts.quoted_text])
        assert set(text.split()) <= set(together.split())


FRAGMENTS = st.sampled_from(
    [
        *ATTRIBUTIONS.values(),
        *HEADER_BLOCKS.values(),
        *FORWARDS.values(),
        *KEPT.values(),
        quote(OURS),
        "",
        "-- ",
        "> yes",
        "Kind regards\nAda Example",
        "Ada Example\n07700 900462",
        "Sent from my iPhone",
        "This message is intended only for the addressee.",
        "________________________________",
        "Name: Ada",
        "Message:",
    ]
)


@given(st.lists(FRAGMENTS, max_size=8), st.sampled_from(["\n", "\n\n"]))
def test_what_stands_first_in_a_mail_is_never_cut(fragments: list[str], between: str) -> None:
    parts = separate(f"{OWN}\n\n" + between.join(fragments))
    assert parts.new_text.startswith(OWN)


@given(st.lists(FRAGMENTS, max_size=8), st.booleans())
def test_whatever_the_mail_its_parts_hold_words_of_it_only(fragments: list[str], forward: bool) -> None:
    text = "\n".join(fragments)
    parts = separate(text, forward=forward)
    words = set(text.replace(">", " ").split())
    assert set(parts.new_text.replace(">", " ").split()) <= words
    assert set(parts.signature.replace(">", " ").split()) <= words
