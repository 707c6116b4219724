"""Letters that the desk asks for: after calls, after calls in vain, and for a number."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from triage import desk
from triage.calls.ticket import Outcome
from triage.promises import parse_duration
from triage.store.contacts import Contact
from triage.types import Pause, Ticket, TicketStatus
from unit.pipeline.office import Office, letter
from unit.pipeline.postbox import NOW
from unit.test_calling_hours_at_the_desk import SETTINGS

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NO_NUMBER = (
    "This is the third time I write and nobody has answered. I am furious, this is a disgrace. If I do not"
    " hear from a manager today I am cancelling and leaving you for good.\n\n"
)
FURIOUS = f"{NO_NUMBER}Call me on +44 20 7946 0018."


def case(office: Office, text: str = FURIOUS) -> Ticket:
    office.settings = replace(office.settings, wait=timedelta())
    office.write("anna", text)
    office.run()
    (ticket,) = office.store.desk.queue()
    return ticket


def agreed(office: Office, ticket: Ticket) -> None:
    desk.finish(
        office.store,
        ticket.id,
        SETTINGS,
        agent="ada",
        token="",
        outcome=Outcome.AGREED,
        note="",
        now=NOW + HOUR,
        promise="refund of £40",
        due=NOW + 3 * DAY,
        follow_up=parse_duration("5 business days"),
    )


def test_what_was_agreed_is_confirmed_in_writing_and_asked_after_days_later(office: Office) -> None:
    agreed(office, case(office))
    office.run(2 * HOUR)
    (confirmation,) = office.drafts()
    assert confirmation.kind == "confirmation"
    assert "refund of £40" in confirmation.text
    assert confirmation.in_reply_to == "<anna@customer.example>"
    _, lying = office.postbox.boxes["Drafts"].mails.popitem()
    office.postbox.boxes["Sent"].put(lying.content, at=NOW + 2 * HOUR)
    office.run(9 * DAY)
    assert [d.kind for d in office.drafts()] == ["confirmation"], "five business days after it is due"
    office.run(12 * DAY)
    assert [d.kind for d in office.drafts()] == ["confirmation", "follow_up"]


def test_a_letter_to_somebody_who_must_not_be_written_to_is_dropped_with_its_reason(office: Office) -> None:
    ticket = case(office)
    agreed(office, ticket)
    unsafe = Contact(address="anna@customer.example", flags=frozenset({"unsafe"}))
    office.store.contacts.save(unsafe, who="ada", at=NOW + HOUR)
    office.run(2 * HOUR)
    assert office.drafts() == []
    told = [e.why for e in office.store.journal.of("ticket", ticket.id) if e.what == "letter dropped"]
    assert told == ["the requester's wish: unsafe"]


def test_after_the_last_attempt_a_letter_says_that_we_tried_and_an_answer_brings_them_back(
    office: Office,
) -> None:
    ticket = case(office)
    once = replace(SETTINGS, max_attempts=1)
    office.store.desk.claim(ticket.id, agent="ada", now=NOW + HOUR, lease=HOUR)
    missed = desk.missed(
        office.store, ticket.id, once, agent="ada", token="", note="", voicemail=False, now=NOW + HOUR
    )
    assert (missed.pause, missed.contact) == (Pause.ANSWER, "writing")
    office.run(2 * HOUR)
    assert [d.kind for d in office.drafts()] == ["tried"]
    office.postbox.boxes["INBOX"].put(
        letter("again", "Sorry, I was out.", sender="anna@customer.example", answers="anna")
    )
    office.run(3 * HOUR)
    back = office.store.desk.ticket(ticket.id)
    assert (back.status, back.contact, back.attempts) == (TicketStatus.WAITING, "phone", 0)


def test_without_a_number_a_draft_asks_for_it_and_the_answer_fills_the_ticket(office: Office) -> None:
    ticket = case(office, NO_NUMBER)
    assert ticket.contact == "look_up"
    (asks,) = office.drafts()
    assert asks.kind == "ask_number"
    _, lying = office.postbox.boxes["Drafts"].mails.popitem()
    office.postbox.boxes["Sent"].put(lying.content, at=NOW + HOUR / 2)
    office.run(HOUR / 2)
    asked = office.store.desk.ticket(ticket.id)
    assert (asked.status, asked.pause) == (TicketStatus.SCHEDULED, Pause.ANSWER)
    office.postbox.boxes["INBOX"].put(
        letter("again", "My number is +44 20 7946 0018.", sender="anna@customer.example", answers="anna")
    )
    office.run(HOUR)
    filled = office.store.desk.ticket(ticket.id)
    assert (filled.phone, filled.contact, filled.phone_verified) == ("+442079460018", "phone", False)
    assert filled.status is TicketStatus.WAITING


def test_nobody_is_asked_for_a_number_where_law_is_spoken_of(office: Office) -> None:
    assert case(office, f"{NO_NUMBER}My solicitor will take you to court.").contact == "look_up"
    assert office.drafts() == []


def test_the_events_of_a_ticket_alone_tell_its_state(office: Office) -> None:
    ticket = case(office)
    agreed(office, ticket)
    assert office.store.desk.unexplained(since=NOW - DAY) == []
    office.store.database.run("UPDATE ticket SET attempts = 7 WHERE id = ?", (ticket.id,))
    assert office.store.desk.unexplained(since=NOW - DAY) == [ticket.id]


def test_a_letter_waits_for_the_reply_to_a_newer_mail_and_never_takes_its_place(office: Office) -> None:
    agreed(office, case(office))
    office.settings = replace(office.settings, wait=HOUR)
    office.postbox.boxes["INBOX"].put(
        letter("new", "Which filter fits the model 300?", sender="anna@customer.example", answers="anna"),
        at=NOW + HOUR,
    )
    office.run(HOUR + HOUR / 4)
    (reply,) = office.drafts()
    assert (reply.kind, reply.status) == ("question", "pending")
    (wanted, _) = office.store.letters.wanted()
    assert wanted.kind == "confirmation"
