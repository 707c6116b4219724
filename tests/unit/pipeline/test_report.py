"""The report counts what happened, and what agents made of the drafts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

from triage import desk
from triage.calls.ticket import Outcome
from unit.pipeline.office import Office
from unit.pipeline.postbox import NOW
from unit.test_calling_hours_at_the_desk import SETTINGS

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FURIOUS = (
    "This is the third time I write and nobody answers. I am furious. I want a manager to call me on"
    " +44 20 7946 0018 or I am leaving you for good."
)


def send(office: Office, words: str | None, *, more: str = "") -> None:
    """Somebody sends the oldest draft: with `more` in it, or with other `words`."""
    boxes = office.postbox.boxes
    uid = min(boxes["Drafts"].mails)
    mail = message_from_bytes(boxes["Drafts"].mails.pop(uid).content, policy=default)
    text = str(mail.get_content())
    if words is not None or more:
        closing = text.rindex("egards,")
        before = text.rindex("\n", 0, closing)
        mail.set_content(words if words is not None else f"{text[:before]}\n{more}\n{text[before:]}")
    boxes["Sent"].put(mail.as_bytes(), at=NOW + HOUR)


def test_a_month_in_figures(office: Office) -> None:
    office.settings = replace(office.settings, wait=timedelta())
    office.write("anna", FURIOUS)
    for name in ("bo", "cy", "dee", "eve"):
        office.write(name)
    office.run()
    send(office, None)
    send(office, None, more="I hope the garden is doing well.")
    send(office, "Hello,\n\nthe filter that fits is number seven, in every shop of ours.\n\nAda")
    desk.take(office.store, lambda _: SETTINGS, agent="ada", now=NOW + HOUR)
    desk.finish(
        office.store, 1, SETTINGS, agent="ada", token="", outcome=Outcome.RESOLVED, note="", now=NOW + HOUR
    )
    office.run(2 * HOUR)

    found = desk.report(office.store, since=NOW - DAY, now=NOW + 2 * HOUR)
    assert found.mails == {"ticketed": 1, "drafted": 3, "left_alone": 1}
    assert (found.cases, found.waiting, found.outcomes) == (1, 0, {"resolved": 1})
    assert found.calls == {"done": 1}
    assert found.drafts == {"sent": 2, "answered": 1, "stored": 1}
    assert (found.unsent, found.oldest_unsent) == (1, NOW)
    assert (found.edits.sent, found.edits.as_they_were) == (2, 1)
    assert found.edits.kept == 1
    assert found.edits.added
    assert found.edits.added < 0.2
    assert found.signs["leaving"] == 1
    assert found.feedback == {"call → call": 1}


def test_words_in_a_drafts_place_are_a_persons_answer(office: Office) -> None:
    office.settings = replace(office.settings, wait=timedelta())
    uid = office.write("bo")
    office.run()
    send(office, "Hello,\n\nthe filter that fits is number seven, in every shop of ours.\n\nAda")
    office.run(2 * HOUR)
    (draft,) = office.drafts()
    assert draft.status == "answered"
    assert office.message(uid).answered is not None
    assert [p.status for p in office.store.promises.listing(everything=True)] == ["moot"]
