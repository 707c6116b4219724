"""What may be answered by a draft, and what must not (RFC 3834, RFC 5230)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from triage.intake.automatic import GROUNDS, is_solved, judge, judge_text, names_us
from triage.types import Address, Identity, Message, MessageRef, RequesterFrom

US = Identity(addresses=frozenset({"support@ours.example"}), internal_domains=frozenset({"ours.example"}))


def mail(
    *headers: tuple[str, str],
    sender: str = "anna@customer.example",
    requester: str | None = None,
    requester_from: RequesterFrom = RequesterFrom.FROM,
    subject: str = "My order",
    source: str = "",
    to: str = "support@ours.example",
) -> Message:
    return Message(
        ref=MessageRef(account="a", mailbox="INBOX", uid=1),
        received=datetime(2026, 11, 2, 9, tzinfo=UTC),
        sender=Address(address=sender),
        requester=Address(address=requester or sender),
        requester_from=requester_from,
        to=(Address(address=to),),
        subject=subject,
        headers=headers,
        source=source,
    )


def ground(message: Message) -> str:
    found = judge(message, identity=US)
    return found.ground if found else ""


AUTOMATED = [
    ("delivery_report", mail(("content-type", "multipart/report; report-type=delivery-status; boundary=x"))),
    ("delivery_report", mail(("content-type", 'Multipart/Report; boundary="x"'))),
    ("delivery_report", mail(("x-failed-recipients", "p@elsewhere.example"))),
    ("delivery_report", mail(sender="mailer-daemon@mx.example")),
    ("delivery_report", mail(sender="postmaster@mx.example")),
    ("delivery_report", mail(sender="microsoftexchange329e71ec88ae4615bbc36ab6ce41109e@x.example")),
    ("delivery_report", mail(sender="mailsystem@x.example", subject="Undeliverable: Your order")),
    ("read_receipt", mail(("content-type", "multipart/report; report-type=disposition-notification"))),
    ("null_sender", mail(("return-path", "<>"))),
    ("null_sender", mail(("return-path", " <> "))),
    ("auto_submitted", mail(("auto-submitted", "auto-replied"))),
    ("auto_submitted", mail(("auto-submitted", "auto-generated; type=monitor"))),
    ("auto_submitted", mail(("auto-submitted", "(no (really)) Auto-Notified (x)"))),
    ("auto_submitted", mail(("auto-submitted", "no"), ("auto-submitted", "auto-replied"))),
    ("auto_response", mail(("x-autoreply", "yes"))),
    ("auto_response", mail(("x-autorespond", "Re: hello"))),
    ("auto_response", mail(("precedence", "auto_reply"))),
    ("auto_response", mail(("precedence", "Auto-Reply"))),
    ("auto_response", mail(("x-post-messageclass", "9; Autoresponder"))),
    ("calendar_reply", mail(("content-type", "text/calendar; charset=utf-8; METHOD=REPLY"))),
    ("mailing_list", mail(("list-id", "Shelf Notes <weekly.lists.notes.example>"))),
    ("mailing_list", mail(("mailing-list", "list talk@other.example; contact talk-help@other.example"))),
    ("newsletter", mail(("list-unsubscribe", "<https://news.example/stop?u=7>"))),
    ("newsletter", mail(("list-unsubscribe", "<https://news.example/stop?e=support@ours.example>"))),
    ("newsletter", mail(("list-unsubscribe", "<mailto:stop@news.example?subject=support@ours.example>"))),
    ("newsletter", mail(("feedback-id", "1:2:3"), ("list-unsubscribe-post", "List-Unsubscribe=One-Click"))),
    ("bulk", mail(("precedence", "bulk"))),
    ("bulk", mail(("precedence", "Junk"))),
    ("no_reply", mail(sender="no-reply@billing.example")),
    ("no_reply", mail(sender="billing.noreply+17@shop.example")),
    ("no_reply", mail(sender="ne-pas-repondre@banque.example")),
    ("no_reply", mail(sender="nicht-antworten@bank.example")),
    ("no_reply", mail(sender="niet_beantwoorden@bank.example")),
    ("no_reply", mail(sender="non-rispondere@banca.example")),
    ("no_reply", mail(sender="nao-responda@banco.example")),
    ("no_reply", mail(sender="no-responder@banco.example")),
    ("daemon", mail(sender="owner-talk@lists.example")),
    ("daemon", mail(sender="talk-request@lists.example")),
    ("daemon", mail(sender="majordomo@lists.example")),
    ("daemon", mail(sender="bounce+7f@mailer.example")),
    ("ours", mail(sender="support@ours.example")),
    ("ours", mail(sender="support+forms@ours.example")),
    ("ours", mail(("x-triage-marker", "5f0c"))),
    ("suppresses_auto_response", mail(("x-auto-response-suppress", "DR, OOF, AutoReply"))),
    ("suppresses_auto_response", mail(("x-auto-response-suppress", "All"))),
    ("auto_reply_subject", mail(subject="Automatic reply: your order")),
    ("auto_reply_subject", mail(subject="Out of Office Re: your order")),
    ("auto_reply_subject", mail(subject="Abwesenheitsnotiz: Ihre Bestellung")),
    ("auto_reply_subject", mail(subject="Automatische Antwort: Ihre Bestellung")),
    ("auto_reply_subject", mail(subject="Réponse automatique : votre commande")),
    ("auto_reply_subject", mail(subject="Respuesta automática: su pedido")),
    ("auto_reply_subject", mail(subject="Automatisch antwoord: uw bestelling")),
    ("auto_reply_subject", mail(subject="Risposta automatica: il suo ordine")),
    ("auto_reply_subject", mail(subject="Resposta automática: a sua encomenda")),
]


@pytest.mark.parametrize(
    ("expected", "message"), AUTOMATED, ids=lambda value: value if isinstance(value, str) else ""
)
def test_automated_mail_is_known_by_its_ground(expected: str, message: Message) -> None:
    assert ground(message) == expected


PEOPLE = {
    "a plain mail": mail(),
    "an absent return path": mail(("received", "from mx")),
    "a usual return path": mail(("return-path", "<anna@customer.example>")),
    "Auto-Submitted: no": mail(("auto-submitted", "no")),
    "Auto-Submitted: no, with a comment": mail(("auto-submitted", "(by hand) No")),
    "an empty Auto-Submitted": mail(("auto-submitted", "")),
    "X-Autoreply: no": mail(("x-autoreply", "no")),
    "suppresses only delivery and read receipts": mail(("x-auto-response-suppress", "DR, RN, NRN")),
    "an invitation": mail(("content-type", "text/calendar; method=REQUEST")),
    "first-class precedence": mail(("precedence", "first-class")),
    "an answer to our own automatic reply": mail(subject="Re: Automatic reply: My order"),
    "a question about out-of-office mails": mail(subject="Out of office replies do not work in your app"),
    "a question mark": mail(subject="Out of office: how do I set it up?"),
    "a failure told by a person": mail(subject="Mail delivery failed for my invoice"),
    "a name that contains request": mail(sender="requests.anna@customer.example"),
    "a colleague": mail(sender="bob@ours.example"),
    "a no-reply From with a person's Reply-To": mail(
        sender="noreply@forms.example",
        requester="anna@customer.example",
        requester_from=RequesterFrom.REPLY_TO,
    ),
    "our own web form": mail(
        sender="support@ours.example",
        requester="anna@customer.example",
        requester_from=RequesterFrom.REPLY_TO,
    ),
    "a forward from our own address": mail(
        sender="support@ours.example", requester="anna@customer.example", requester_from=RequesterFrom.FORWARD
    ),
    "a configured form, however machine-made": mail(
        ("auto-submitted", "auto-generated"),
        ("precedence", "bulk"),
        sender="no-reply@forms.example",
        requester="anna@customer.example",
        requester_from=RequesterFrom.SOURCE,
        source="form",
    ),
}


@pytest.mark.parametrize("message", PEOPLE.values(), ids=PEOPLE.keys())
def test_a_persons_mail_is_never_taken_for_automated(message: Message) -> None:
    assert judge(message, identity=US) is None


GOOGLE_GROUP = (
    ("list-id", "<support.ours.example>"),
    ("list-post", "<https://groups.example/g/support>, <mailto:support@ours.example>"),
    ("mailing-list", "list support@ours.example; contact support+owners@ours.example"),
    ("list-unsubscribe", "<mailto:groups-manage+12+unsubscribe@groups.example>"),
    ("list-archive", "<https://groups.example/g/support>"),
    ("precedence", "list"),
)


def test_a_shared_address_that_is_a_google_group_does_not_make_its_mail_automated() -> None:
    assert judge(mail(*GOOGLE_GROUP), identity=US) is None


def test_a_shared_address_that_is_a_mailman_list_does_not_make_its_mail_automated() -> None:
    mailman = (
        ("list-id", "Support desk <support.ours.example>"),
        ("list-unsubscribe", "<mailto:support-request@ours.example?subject=unsubscribe>"),
        ("list-help", "<mailto:support-request@ours.example?subject=help>"),
        ("precedence", "list"),
    )
    assert judge(mail(*mailman), identity=US) is None
    assert judge(mail(mailman[1]), identity=US) is None


def test_an_auto_reply_through_our_own_list_is_still_one() -> None:
    assert ground(mail(*GOOGLE_GROUP, ("auto-submitted", "auto-replied"))) == "auto_submitted"


def test_our_own_draft_coming_back_through_a_form_is_never_answered() -> None:
    assert ground(mail(("x-triage-marker", "5f0c"), source="form")) == "ours"


def test_every_ground_has_its_sentence_and_details_are_one_bounded_line() -> None:
    for expected, message in AUTOMATED:
        found = judge(message, identity=US)
        assert found is not None
        assert expected in GROUNDS
        assert found.detail
        assert "\n" not in found.detail
        assert len(found.detail) <= 200
    assert all(sentence.endswith(".") for sentence in GROUNDS.values())


@pytest.mark.parametrize(
    "header", ["(" * 20_000, ")" * 20_000, "a@" * 10_000, "mailto:" * 3_000, ";" * 20_000, "<" * 20_000]
)
def test_hostile_headers_neither_raise_nor_prove_anything_wrong(header: str) -> None:
    names = ("auto-submitted", "content-type", "list-unsubscribe-x", "resent-to", "return-path")
    message = mail(*((name, header) for name in names))
    judge(message, identity=US)
    assert names_us(message, identity=US)


# --------------------------------------------------------------------------- RFC 5230 4.5


def test_mail_names_us_in_to_cc_or_resent_headers_only() -> None:
    blind = mail(to="list@customer.example")
    assert names_us(mail(), identity=US)
    assert names_us(mail(to="support+shop@ours.example"), identity=US)
    assert names_us(replace(blind, cc=(Address(address="support@ours.example"),)), identity=US)
    assert names_us(
        replace(blind, headers=(("resent-to", "Desk <Support@Ours.example>, b@c.example"),)), identity=US
    )
    assert not names_us(blind, identity=US)
    assert not names_us(replace(blind, headers=(("delivered-to", "support@ours.example"),)), identity=US)


def test_without_known_addresses_every_mail_names_us() -> None:
    assert names_us(mail(to="list@customer.example"), identity=Identity())


# --------------------------------------------------------------------------- by words alone

BY_WORDS = [
    ("auto_reply", "Re: Rates", "I am on annual leave until 4 May with no access to email. Please try Jo."),
    (
        "auto_reply",
        "Betreff",
        "Ich bin bis zum 4. Mai nicht im Büro. Ihre Nachricht wird nicht weitergeleitet.",
    ),
    ("auto_reply", "Absence : devis", "Bonjour, je suis absente du bureau jusqu'au 4 mai. Bien à vous, Lou"),
    (
        "delivery_report",
        "Undeliverable: Hello",
        "Your message to a@b.example could not be delivered. 550 5.1.1",
    ),
    ("delivery_report", "Mancato recapito: ordine", "Il messaggio non è stato consegnato. Errore: 452 4.2.2"),
    ("monitoring", "[FIRING:1] DiskFull", "Host: db-7\nSeverity: critical\nStarted: 02:14"),
    ("monitoring", "Backup FAILED: files", "Job: files\nResult: FAILED\nDuration: 01:02"),
    ("calendar_reply", "Accepted: Review @ Thu 14:00", "Pat has accepted this invitation.\nWhen: Thursday"),
    ("read_receipt", "Read: Your complaint", "Your message was read on Monday."),
    (
        "receipt",
        "Your receipt from Paper Ltd",
        "Thank you for your order.\nTotal paid 39.85. Keep this receipt.",
    ),
    ("newsletter", "The Spark 212", "In this issue: caps and gadgets.\nRead online | Unsubscribe"),
    (
        "newsletter",
        "Frühling",
        "Bis Sonntag 20 % Rabatt.\nSie erhalten diese E-Mail, weil Sie Kunde sind. Abmelden",
    ),
    (
        "sales_pitch",
        "Quick question",
        "I noticed your website is not on page 1. Open to a free audit? Reply YES.",
    ),
    (
        "phishing",
        "Action required",
        "Dear user,\nyour mailbox is suspended. Verify your password within 24 hours.",
    ),
    (
        "acknowledgement",
        "[Ticket 1]",
        "##- Please type your reply above this line -##\nYour request was received.",
    ),
    ("machine_wording", "Info", "Diese Mail wurde automatisch erzeugt."),
    ("machine_wording", "Aviso", "Este e-mail é gerado automaticamente. Não responda a esta mensagem."),
]


@pytest.mark.parametrize(("expected", "subject", "text"), BY_WORDS)
def test_automated_mail_without_headers_gives_itself_away(expected: str, subject: str, text: str) -> None:
    found = judge_text(subject, text)
    assert found is not None
    assert found.ground == expected
    assert found.detail


CUSTOMERS = [
    ("Unsubscribe", "How do I unsubscribe from your newsletter? I clicked and nothing happens."),
    ("Please unsubscribe me", "I asked twice already. Take me off your list."),
    ("Undeliverable", "My mails to your billing address come back as undeliverable. Which one is right?"),
    (
        "Fwd: Undelivered Mail Returned to Sender",
        "Why does my reply to you bounce? It could not be delivered, 550 5.1.1.",
    ),
    ("ALERT: water everywhere", "Critical! The boiler you fitted is leaking and I cannot reach anyone."),
    ("PROBLEM with order 7", "Status: still missing. My order: 7. Please check."),
    ("Receipt missing", "I never got a receipt for my payment, and no action was taken."),
    ("Your receipt is wrong", "It says total paid 40, but I paid 30. Please correct it."),
    ("Delivery", "I am away until Monday with no access to my phone, so please do not deliver before."),
    (
        "Is this from you?",
        "I got a mail: your account is suspended, verify your password within 24 hours. Is it real?",
    ),
    (
        "Enquiry",
        "This is an automated message from the web form.\nName: A. Moss\nMessage: water through the ceiling",
    ),
    ("Automatic payments", "Der Betrag wurde automatisch abgebucht, obwohl ich gekündigt habe."),
    ("do not reply", "Your mails say do not reply to this message. So how am I to reach you?"),
    ("Newsletter", "In the last issue you wrote about caps. Does that hold for my tariff?"),
    ("Quick question", "Can I return the lamp after 30 days?"),
    ("Deposit", "All good bar a lightbulb. Let me know roughly when the deposit comes back."),
    ("Heizung", "Wieder nur eine automatische Nachricht bekommen, Heizung kalt."),
    ("", ""),
    ("", "??"),
]


@pytest.mark.parametrize(("subject", "text"), CUSTOMERS)
def test_a_customer_is_never_silenced_by_words_that_machines_use_too(subject: str, text: str) -> None:
    assert judge_text(subject, text) is None
    assert not is_solved(subject, text)


# --------------------------------------------------------------------------- settled


@pytest.mark.parametrize(
    "text",
    [
        "All sorted, thanks so much!",
        "That did it, it works again. Thanks very much!",
        "Thank you for your kind help.",
        "Many thanks!\nAnna Moss",
        "Please ignore my last mail, no need for anyone to reply.",
        "Vielen Dank für die schnelle Hilfe!",
        "Hartelijk dank voor uw hulp",
        "Muchas gracias a todo el equipo",
        "That worked. You can close the ticket.",
        "Money's in. Thanks.",
        "Panic over, found it behind the bin. No need to reply.",
        "Alles in Ordnung, vielen Dank. Keine Antwort nötig.",
        "C'est réglé, merci beaucoup ! Vous pouvez classer.",
        "Ya está solucionado, gracias. Pueden cerrar el caso.",
        "Het is opgelost, bedankt!",
        "Tutto a posto, chiudete pure. Grazie.",
        "Já está tudo resolvido, obrigada. Podem fechar.",
        "Thank you, it is solved now.",
        "Problem solved, thanks.",
        "Many thanks, the matter is resolved.",
    ],
)
def test_a_settled_matter_is_seen_in_seven_languages(text: str) -> None:
    assert is_solved("Re: my order", text)


@pytest.mark.parametrize(
    "text",
    [
        "Thanks, but it still does not work.",
        "All sorted? I doubt it.",
        "Thanks for nothing.",
        "Thanks, now the freezer leaks.",
        "Thanks. Heating off today.",
        "Thank you. I expect it to be resolved today.",
        "Thanks. The matter has not been resolved.",
        "Thank you. I was charged twice.",
        "Thanks, Tuesday.",
        "Thanks,\nwater everywhere",
        "Thanks. It stopped working again.",
        "Thank you for that. I'll see you in court.",
        "You ignore my earlier mails.",
        "Danke, Wasser kommt durch die Decke.",
        "Danke, anbei das Foto.",
        "Merci, il pleut dans le salon.",
        "Gracias, huele a gas.",
        "Grazie, è tornato il guasto.",
        "Thanks for ignoring me.",
        "Thank you for your sixth mail, which does not answer what I asked.",
        "Please close my account.",
        "You can close the ticket, however the refund has not come.",
        "Thanks in advance for sending the form.",
        "Danke, aber das Geld fehlt noch immer.",
        "Merci de me rappeler.",
        "Gracias, pero sigue sin funcionar.",
        "Bedankt, maar hij doet het nog niet.",
        "Grazie, ma non funziona ancora.",
        "Obrigado, mas continua avariado.",
        "My points are missing. Thanks",
        "It's fixed now. One more thing: what does it cost?",
    ],
)
def test_thanks_with_an_open_matter_are_not_settled(text: str) -> None:
    assert not is_solved("Re: my order", text)


def test_long_and_hostile_texts_are_read_in_bounded_time() -> None:
    started = datetime.now(UTC)
    for text in ("a " * 300_000, "?" * 300_000, "\n" * 300_000, "unsubscribe " * 30_000, "i am " * 60_000):
        judge_text(text[:5000], text)
        is_solved(text[:5000], text)
    assert (datetime.now(UTC) - started).total_seconds() < 5
