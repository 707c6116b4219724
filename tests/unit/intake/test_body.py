"""What a person wrote, without the frame that programs and habits put around it."""

from __future__ import annotations

import pytest

from cost import in_proportion
from triage.intake.body import Parts, html_to_text, judged_text, sentences, separate, unflow

OWN = "The heater sparked and burned my daughter's hand. I want an answer today."

SIGN_OFFS = [
    "Kind regards",
    "Best,",
    "Many thanks",
    "Thanks so much,",
    "Thank you very much for your kind help,",
    "Cheers",
    "Yours sincerely,",
    "Yours faithfully",
    "With friendly greetings",
    "Warm regards from a rainy Baton Rouge,",
    "Mit freundlichen Grüßen",
    "Viele Grüße",
    "Freundliche Grüsse",
    "MfG",
    "Hochachtungsvoll",
    "Vielen Dank im Voraus",
    "Cordialement,",
    "Bien à vous,",
    "Meilleures salutations",
    "Merci d'avance,",
    "Veuillez agréer, Madame, Monsieur, mes salutations distinguées.",
    "Saludos",
    "Un cordial saludo,",
    "Atentamente,",
    "Muchas gracias",
    "Met vriendelijke groet,",
    "Groetjes,",
    "Hoogachtend,",
    "Alvast bedankt",
    "Cordiali saluti",
    "Distinti saluti,",
    "Grazie mille",
    "Atenciosamente,",
    "Com os melhores cumprimentos,",
    "Muito obrigado pela paciência,",
]

GREETINGS = [
    "Hi,",
    "Hello Oakhollow people,",
    "Hiya Bronwen,",
    "Dear Sir/Madam,",
    "To whom it may concern:",
    "Good morning",
    "Hallo zusammen,",
    "Sehr geehrte Damen und Herren,",
    "Liebe Frau Okonjo,",
    "Bonjour,",
    "Chère Madame,",
    "Buenos días:",
    "Estimado señor López:",
    "Goedemiddag,",
    "Beste Lisa,",
    "Buongiorno,",
    "Gentile signora Rossi,",
    "Boa tarde,",
    "Prezados senhores,",
    "hi sarah,",
]

CONTACT_BLOCKS = [
    (
        "Head of Learning & Development\nKorvald Logistics Sp. z o.o.\nul. Portowa 14, Gdańsk\n"
        "T +48 58 555 01 29 | ada@korvald.example"
    ),
    (
        "Senior Associate | Litigation & Dispute Resolution\nMarchbank Tolley Lawyers\n"
        "T (08) 5550 0134 | F (08) 5550 0135"
    ),
    "07700 900462",
    "Flat 3, 14 Cawdor Terrace, Edinburgh\n0131 496 0148",
    "Geschäftsführerin\nMuster GmbH\nTel.: +49 30 23125 417\nwww.muster.example",
    "Directrice des achats\nTél. : 06 39 98 41 27\nada@exemple.example",
    "Socia SK-P 4410 2287 09",
]

FOOTERS = [
    "Sent from my iPhone",
    "Sent from my Galaxy",
    "Sent from Outlook for iOS",
    "Get Outlook for Android",
    "Sent from Yahoo Mail on Android",
    "Von meinem iPhone gesendet",
    "Gesendet von Outlook für iOS",
    "Envoyé de mon iPhone",
    "Envoyé depuis l'application Mail Orange",
    "Enviado desde mi iPhone",
    "Verstuurd vanaf mijn iPhone",
    "Inviato da iPhone",
    "Enviado do meu iPhone",
    (
        "WARNING: This email and any attachment is confidential and subject to legal\n"
        "professional privilege. If you are not the intended recipient you must not read it."
    ),
    "This message is intended only for the addressee and may contain confidential information.",
    "If you have received this email in error please delete it and tell the sender.",
    "Please consider the environment before printing this e-mail.",
    "This email has been scanned for viruses by MailShield.",
    "Virus-free. www.avast.example",
    "Diese E-Mail enthält vertrauliche und/oder rechtlich geschützte Informationen.",
    "Sitz der Gesellschaft: Berlin, HRB 12345, Amtsgericht Charlottenburg",
    "Ce message et toutes les pièces jointes sont confidentiels.",
    (
        "Este mensaje y sus adjuntos se dirigen exclusivamente a su destinatario y pueden contener "
        "información confidencial."
    ),
    "Dit bericht is vertrouwelijk en uitsluitend bestemd voor de geadresseerde.",
    "Questo messaggio contiene informazioni riservate ed è destinato esclusivamente al destinatario.",
    "Esta mensagem pode conter informação confidencial e destina-se ao seu destinatário.",
    (
        "You received this message because you are subscribed to the group.\n"
        "To unsubscribe, visit https://lists.example/u"
    ),
    "Se désabonner : https://lettre.example/stop",
]

BANNERS = [
    "[EXTERNAL]",
    "[EXTERNAL EMAIL]",
    "CAUTION: This email originated from outside of the organization. Do not click links.",
    "ACHTUNG: Diese E-Mail stammt von einem externen Absender.",
    "ATTENTION : ce message provient d'un expéditeur externe.",
    "You don't often get email from ada@example.org. Learn why this is important",
]

# Endings that look like a frame and are the very thing that must be read.
KEPT_ENDINGS = [
    "P.S. The child is in hospital.",
    "PS: rufen Sie mich bitte an",
    "I forgot to say that the smoke alarm went off too.",
    "Call me on 07700 900462",
    "please ring +44 20 7946 0555 before noon",
    "My number is 07700 900462.",
    "CALL ME NOW",
    "Help Me Please",
    "Thanks for nothing",
    "Merci de me faire rappeler par un responsable avant vendredi midi",
    "Gracias por nada",
    "Still waiting",
    "What now?",
    "Sent from the depot on Monday and never arrived.",
    "You disclosed my address to an unauthorised person.",
    "This message is the fifth I have written.",
    "Ce message est le cinquième que je vous envoie.",
    "Diese Nachricht ist meine letzte Warnung.",
    "This message is confidential, my husband reads the other mailbox.",
    "Diese Nachricht ist vertraulich, mein Mann darf davon nichts erfahren.",
    "Unsubscribe me from everything, I have had enough.",
    "baby coughing badly",
    "Heating dead since Monday",
]


@pytest.mark.parametrize("sign_off", SIGN_OFFS)
@pytest.mark.parametrize("name", ["Ada", "A. van der Example (Mrs)"])
def test_sign_off_and_name_stay_in_the_new_text_but_are_not_judged(sign_off: str, name: str) -> None:
    parts = separate(f"{OWN}\n\n{sign_off}\n{name}\n")
    assert parts.new_text == f"{OWN}\n\n{sign_off}\n{name}"
    assert judged_text(parts.new_text) == OWN


@pytest.mark.parametrize("greeting", GREETINGS)
def test_a_greeting_on_its_own_line_is_not_judged(greeting: str) -> None:
    assert separate(f"{greeting}\n\n{OWN}").new_text == f"{greeting}\n\n{OWN}"
    assert judged_text(f"{greeting}\n\n{OWN}") == OWN


@pytest.mark.parametrize(
    "text",
    [
        "Hello, a personal query from my work address.\nDo you need notice?",
        "Hi no hot water again\nsince Monday",
        "Dear God what a mess you have made of this\nNobody came.",
        "Morning sickness is not what I called about.\nCall me.",
        "Best thing is to ring me.\nTomorrow.",
        "Dank voor je snelle antwoord.\nMaar er klopt niets van.",
    ],
)
def test_a_first_line_that_says_something_is_judged(text: str) -> None:
    assert judged_text(text) == text


@pytest.mark.parametrize("block", CONTACT_BLOCKS)
@pytest.mark.parametrize(
    "closing", ["Kind regards,\nAda Example", "Ada Example"], ids=["signed off", "name only"]
)
def test_a_contact_block_becomes_the_signature_and_the_name_stays(closing: str, block: str) -> None:
    parts = separate(f"{OWN}\n\n{closing}\n{block}")
    assert parts.new_text == f"{OWN}\n\n{closing}"
    assert parts.signature == block
    assert judged_text(parts.new_text) == OWN


def test_an_address_that_the_text_announces_is_kept() -> None:
    text = f"{OWN} Please write to:\n\nAda Example\n12 High Street\nLeeds LS1 4AB"
    assert separate(text).new_text == text
    assert judged_text(text) == text


def test_a_business_letter_in_german_is_freed_of_its_whole_frame() -> None:
    frame = (
        "Einkauf\n\nMuster GmbH\nMusterstraße 1\n12345 Berlin\nTel. +49 30 23125 417\nwww.muster.example\n\n"
        "Geschäftsführer: Max Muster | HRB 12345 Amtsgericht Berlin\n\n"
        "Diese E-Mail enthält vertrauliche Informationen."
    )
    signed = f"Hallo,\n\n{OWN}\n\nMit freundlichen Grüßen\n\ni. A. Jürgen Muster"
    parts = separate(f"{signed}\n{frame}")
    assert parts.new_text == signed
    assert parts.signature.split() == frame.split()
    assert judged_text(parts.new_text) == OWN


def test_a_second_block_with_name_title_and_number_is_signature() -> None:
    block = (
        "Ada Example\nProduction Manager, Dead Ringers Touring Theatre\n"
        "M: 07700 900731 | Box office: 0131 496 0990"
    )
    parts = separate(f"{OWN}\n\nMany thanks\nAda\n\n{block}")
    assert (parts.new_text, parts.signature) == (f"{OWN}\n\nMany thanks\nAda", block)


def test_boilerplate_below_a_contact_block_is_signature() -> None:
    legal = (
        "If you are in dispute with a supplier, tell us. This message may hold evidence; disclosure is "
        "an offence."
    )
    parts = separate(f"{OWN}\n\nAda\n\nAda Example\nSenior Investigator\nDirect 0161 496 0155\n\n{legal}")
    assert parts.new_text == f"{OWN}\n\nAda"
    assert legal in parts.signature


@pytest.mark.parametrize("footer", FOOTERS)
def test_footers_that_no_person_typed_are_cut(footer: str) -> None:
    for above in (OWN, f"{OWN}\n\nRegards\nAda"):
        parts = separate(f"{above}\n\n{footer}")
        assert parts.new_text == above
        assert parts.signature.split() == footer.split()


@pytest.mark.parametrize("banner", BANNERS)
def test_a_gateways_banner_at_the_top_is_cut(banner: str) -> None:
    assert separate(f"{banner}\n\n{OWN}").new_text == OWN


@pytest.mark.parametrize(
    "text",
    [
        "Warning: there is water running outside the flat.\n\nCome now.",
        "Attention: the external door is broken.\n\nAda",
        "ACHTUNG: meine Nachricht an Ihren externen Dienst blieb ohne Antwort.\n\nAda",
        "External mail boxes were broken into.\n\nAda",
    ],
)
def test_a_persons_warning_is_no_banner(text: str) -> None:
    assert separate(text).new_text == text


def test_a_banner_tag_on_the_first_line_leaves_the_line() -> None:
    assert separate(f"[EXTERNAL] {OWN}").new_text == OWN


def test_the_signature_delimiter_ends_what_is_new() -> None:
    parts = separate(f"{OWN}\n\n-- \nZoltan Example\nwe never sleep, call the lawyer!")
    assert (parts.new_text, parts.signature) == (OWN, "Zoltan Example\nwe never sleep, call the lawyer!")


def test_a_long_text_below_a_dashed_line_is_no_signature() -> None:
    story = "\n".join(
        f"On day {day} nobody came and the children were cold all night long in the flat, all of them."
        for day in range(50)
    )
    assert separate(f"Hello\n-- \n{story}").new_text.endswith(story)
    assert story[:200] in separate(f"Hello\n--\n{story[:500]}").new_text


def test_a_signature_above_an_inline_answer_does_not_swallow_it() -> None:
    text = (
        f"See below.\n-- \nAda Example\n\n"
        f"On Fri, 2 Oct 2026 at 15:38, Help <help@shop.example> wrote:\n> Solved?\n\n{OWN}"
    )
    assert separate(text).new_text == f"See below.\n\n{OWN}"


@pytest.mark.parametrize("ending", KEPT_ENDINGS)
@pytest.mark.parametrize("above", [OWN, f"{OWN}\n\nRegards\nAda"], ids=["plain", "signed"])
def test_an_ending_that_says_something_is_kept(above: str, ending: str) -> None:
    new_text = separate(f"{above}\n\n{ending}").new_text
    assert new_text == f"{above}\n\n{ending}"
    assert judged_text(new_text).endswith(ending)


@pytest.mark.parametrize(
    "text", ["Thanks,\nAda", "Ada Example\n07700 900462", "Sent from my iPhone", "Hi", "CALL ME", "?"]
)
def test_a_mail_that_is_all_frame_is_its_own_text(text: str) -> None:
    assert separate(text).new_text == text
    assert judged_text(text) == text


def test_a_web_forms_message_is_what_was_written() -> None:
    form = "New enquiry\n\nName:    H. Moore\nEmail:   h.moore@example.net\nPhone:   902-555-0164\nMessage:\n"
    parts = separate(f"{form}{OWN}\n\nPlease hurry.\n\n-- \nSent from the contact form")
    assert parts.new_text == f"{OWN}\n\nPlease hurry."
    assert "902-555-0164" in parts.signature
    rows = f"Nom\tLéa\nCourriel\tlea@example.org\nMessage\t{OWN}"
    assert separate(rows).new_text == OWN


def test_labelled_lines_in_a_persons_mail_are_no_form() -> None:
    text = f"Order: 123\nName: Ada\nDetails: {OWN}"
    assert separate(text).new_text == text


def test_an_empty_mail_has_empty_parts() -> None:
    assert separate("") == Parts()
    assert separate(" \n\n ") == Parts()
    assert judged_text("") == ""


@pytest.mark.parametrize(
    ("flowed", "text"),
    [
        ("one \ntwo \nthree\nfour", "one two three\nfour"),
        ("a \n\nb", "a \n\nb"),
        (" From here\n > no quote\n  indented", "From here\n> no quote\n indented"),
        ("> soft \n> break\nnew", "> soft break\nnew"),
        ("> one \n>> two \n>> three", "> one \n>> two three"),
        ("text \n-- \nAda \nExample", "text \n-- \nAda Example"),
        (">> > deep", ">> > deep"),
        (">\n> x", ">\n> x"),
    ],
)
def test_flowed_text_is_joined_as_rfc_3676_says(flowed: str, text: str) -> None:
    assert unflow(flowed) == text
    assert unflow(flowed.replace("\n", "\r\n")) == text


def test_delsp_takes_the_soft_space_away() -> None:
    assert unflow("これは \n一文です", delsp=True) == "これは一文です"


HOSTILE = {
    "quoted lines": "> x\n" * 250_000,
    "quote marks": ">" * 1_000_000,
    "on": "On \n" * 330_000,
    "on …": "On 2 Oct 2026 at 15:38, <a@b.example>\n" * 26_000,
    "attributions": "On 2 Oct 2026 at 15:38, A <a@b.example> wrote:\n> x\n" * 20_000,
    "labels": "From: a@b.example\n" * 55_000,
    "label pairs": "From: a\nTo: b\n" * 70_000,
    "blank lines": "\n" * 1_000_000,
    "quoted and blank": ("> x" + "\n" * 50) * 20_000,
    "one line": "a" * 1_000_000,
    "one line of words": "spam ham " * 110_000,
    "one line of stops": "." * 1_000_000,
    "one line of spaces": " " * 1_000_000,
    "stops and quotes": '."' * 500_000,
    "addresses": "a@" * 500_000,
    "rules": "-----\n" * 170_000,
    "dashes": "-- \n" * 250_000,
    "bare dashes": "--\n" * 330_000,
    "bare dashes and words": "--\nx\n" * 200_000,
    "names": "Ada\n\n" * 200_000,
    "sign-offs": "Thanks\n" * 140_000,
    "thanks": "thanks " * 140_000,
    "numbers": "07700 900462\n" * 77_000,
    "separators": "---------- Forwarded message ---------\n" * 26_000,
    "emoji": "😡 " * 300_000,
    "parentheses": "(" * 1_000_000,
}


def _work(text: str) -> None:
    parts = separate(text)
    sentences(judged_text(parts.new_text))
    unflow(text)
    html_to_text(text)


@pytest.mark.parametrize("name", ["quoted lines", "on", "blank lines", "one line", "bare dashes"])
def test_a_megabyte_takes_time_in_proportion(name: str) -> None:
    assert _in_proportion(HOSTILE[name])


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_long_mail_of_anything_takes_time_in_proportion(text: str) -> None:
    assert _in_proportion(text[:200_000])


def _in_proportion(text: str) -> bool:
    return in_proportion(_work, text[: len(text) // 8], text, times=8)
