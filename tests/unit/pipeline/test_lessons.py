"""What the end of a call says about the ranking, and what it does not."""

from __future__ import annotations

import pytest

from e2e.mails import FURIOUS
from triage import desk
from triage.calls.ticket import Outcome
from triage.errors import NotFoundError
from triage.types import Ticket, Verdict
from unit.pipeline.office import Office
from unit.pipeline.postbox import NOW
from unit.test_calling_hours_at_the_desk import SETTINGS


def end_call(office: Office, outcome: Outcome) -> None:
    (ticket,) = office.store.desk.queue()
    desk.finish(office.store, ticket.id, SETTINGS, agent="ada", token="", outcome=outcome, note="", now=NOW)


def lessons(office: Office) -> dict[str, str]:
    return {said.subject: said.said for said in office.store.feedback.all()}


def open_case(office: Office) -> Ticket:
    """One requester's calm question and then their furious mail: one ticket with both."""
    office.write("calm", sender="will@customer.example")
    office.run()
    office.write("furious", FURIOUS, sender="will@customer.example")
    office.run()
    (ticket,) = office.store.desk.queue()
    assert ticket.messages == 2
    return ticket


@pytest.mark.parametrize(
    ("outcome", "learnt"),
    [
        (Outcome.RESOLVED, {"furious": "call"}),
        (Outcome.AGREED, {"furious": "call"}),
        (Outcome.ABUSE, {"furious": "call"}),
        (Outcome.NOT_NEEDED, {"furious": "reply"}),
        (Outcome.DECLINED, {}),
        (Outcome.WRONG_NUMBER, {}),
        (Outcome.ANSWERED_BY_MAIL, {}),
    ],
)
def test_an_outcome_teaches_of_the_mails_that_were_ranked_as_calls_and_of_no_others(
    office: Office, outcome: Outcome, learnt: dict[str, str]
) -> None:
    open_case(office)
    end_call(office, outcome)
    assert lessons(office) == learnt


def test_an_agents_word_is_not_overruled_by_how_the_call_ended(office: Office) -> None:
    ticket = open_case(office)
    mails = [m.id for m in office.store.mail.of_ticket(ticket.id)]
    desk.give_feedback(office.store, mails, Verdict.REPLY, agent="bob", note="", now=NOW)
    end_call(office, Outcome.RESOLVED)
    assert lessons(office) == {"calm": "reply", "furious": "reply"}


def test_feedback_on_several_mails_is_recorded_for_all_or_none(office: Office) -> None:
    office.write("calm")
    office.run()
    known = [m.id for m in office.store.mail.records()]
    with pytest.raises(NotFoundError):
        desk.give_feedback(office.store, [*known, 99], Verdict.CALL, agent="ada", note="", now=NOW)
    assert lessons(office) == {}
    taught = desk.give_feedback(office.store, known, Verdict.CALL, agent="ada", note="", now=NOW)
    assert [(one.message.subject, one.before) for one in taught] == [("calm", None)]
