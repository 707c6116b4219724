"""A mass incident through passes: proposed, opened, told, closed; nobody gets lost or told twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from triage import desk
from triage.errors import StateError
from triage.types import Disposition
from unit.pipeline.office import Office, letter
from unit.pipeline.postbox import NOW
from unit.test_calling_hours_at_the_desk import SETTINGS, settings_of
from unit.test_incidents import DOWN, USUAL

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DANGER = "The white page of the booking calendar again. It sparked and burned my hand when I touched it."


def down(office: Office, *, wait: timedelta = HOUR) -> None:
    """An ordinary past, and then an outage that eight people write about; their drafts wait."""
    office.settings = replace(office.settings, wait=wait)
    inbox = office.postbox.boxes["INBOX"]
    for n, text in enumerate(USUAL[:40]):
        inbox.put(letter(f"u{n}", text.encode("ascii", "ignore").decode()), at=NOW - timedelta(days=3))
    office.run(-2 * timedelta(days=1))
    for n, text in enumerate(DOWN):
        office.write(f"p{n}", text)
    report = office.run()
    assert any("8 people wrote about the same thing" in alarm for alarm in report.alarms)


def open_it(office: Office) -> None:
    desk.open_incident(
        office.store, settings_of, 1, said="The calendar is down.", agent="ada", now=NOW + MINUTE
    )


def held(office: Office) -> list[str]:
    """Whose mail has words of danger: a person looks before any draft."""
    mails = [office.store.mail.record(id) for id in office.store.incidents.mails(1)]
    return [m.requester.address for m in mails if m and m.requester and m.ground == "maybe_danger"]


def kinds(office: Office) -> list[str]:
    return [d.kind for d in office.drafts() if d.requester.address.startswith("p")]


def send(office: Office, at: timedelta) -> None:
    """Somebody sends every draft."""
    boxes = office.postbox.boxes
    while boxes["Drafts"].mails:
        _, lying = boxes["Drafts"].mails.popitem()
        boxes["Sent"].put(lying.content, at=NOW + at)


def test_each_is_told_once_and_given_the_all_clear_once(office: Office) -> None:
    down(office)
    open_it(office)
    office.run(2 * MINUTE)
    told = len(DOWN) - len(held(office))
    assert kinds(office).count("incident") == told
    send(office, 3 * MINUTE)
    office.run(4 * MINUTE)
    desk.close_incident(office.store, settings_of, 1, last_words="It is back.", agent="ada", now=NOW + HOUR)
    office.run(2 * HOUR)
    assert kinds(office).count("all_clear") == told
    assert desk.standing(office.store, office.store.incidents.record(1)).folded == 0


def test_whoever_was_not_told_before_it_was_over_waits_for_a_person(office: Office) -> None:
    down(office)
    open_it(office)
    desk.close_incident(office.store, settings_of, 1, last_words="It is back.", agent="ada", now=NOW + HOUR)
    office.run(2 * HOUR)
    assert "incident" not in kinds(office)
    assert "all_clear" not in kinds(office)
    for mail in office.store.incidents.mails(1):
        record = office.store.mail.record(mail)
        assert record is not None
        assert record.disposition in (Disposition.OWED, Disposition.TICKETED)


def test_without_drafts_switched_on_their_mails_are_owed_and_not_lost(office: Office) -> None:
    down(office)
    mute = replace(SETTINGS, letters=False)
    desk.open_incident(office.store, lambda _: mute, 1, said="Down.", agent="ada", now=NOW + MINUTE)
    office.run(2 * MINUTE)
    records = [office.store.mail.record(id) for id in office.store.incidents.mails(1)]
    assert {r.disposition for r in records if r} <= {Disposition.OWED, Disposition.TICKETED}


def test_a_second_mail_of_theirs_brings_no_second_letter(office: Office) -> None:
    down(office)
    office.postbox.boxes["INBOX"].put(
        letter("p0b", DOWN[1], sender="p0@customer.example", answers="p0"), at=NOW
    )
    office.run(MINUTE)
    open_it(office)
    office.run(2 * MINUTE)
    assert [d.requester.address for d in office.drafts() if d.kind == "incident"].count(
        "p0@customer.example"
    ) == 1


def test_an_open_incident_is_not_opened_again(office: Office) -> None:
    down(office)
    open_it(office)
    with pytest.raises(StateError, match="i1 is open"):
        open_it(office)


def test_danger_in_it_is_no_matter_for_a_common_letter(office: Office) -> None:
    down(office)
    open_it(office)
    uid = office.write("hurt", DANGER)
    office.run(2 * MINUTE)
    assert office.message(uid).incident is None


def test_a_rush_of_mail_is_told_once_whatever_the_words(office: Office) -> None:
    inbox = office.postbox.boxes["INBOX"]
    office.settings = replace(office.settings, start_back=timedelta(days=9))
    for day in range(1, 6):
        for n in range(2):
            inbox.put(letter(f"u{day}-{n}", USUAL[day * 2 + n].encode("ascii", "ignore").decode()),
                      at=NOW - timedelta(days=day, minutes=30))  # fmt: skip
    office.run(-timedelta(minutes=10))
    for n, text in enumerate(USUAL[40:60]):
        office.write(f"r{n}", text.encode("ascii", "ignore").decode())
    told = [alarm for alarm in office.run(MINUTE).alarms if "usually" in alarm]
    assert told == [
        "17 people wrote in the last 3 hours, usually 2 do at this hour: see `triage messages list` for what"
        " has happened"
    ]
    office.write("one-more", USUAL[70])
    assert not [alarm for alarm in office.run(2 * MINUTE).alarms if "usually" in alarm]
