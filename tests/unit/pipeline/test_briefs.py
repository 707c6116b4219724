"""The brief of a case, as the desk makes it from the records."""

from __future__ import annotations

from dataclasses import replace

from triage import desk
from unit.pipeline.office import Office
from unit.pipeline.postbox import NOW
from unit.test_calling_hours_at_the_desk import SETTINGS


def test_a_number_that_must_not_be_dialled_shows_its_own_local_time(office: Office) -> None:
    office.settings = replace(office.settings, countries=("GB",))
    office.write("anna", "I am furious, I write for the third time. Ring me today: +61 2 5550 0113.")
    office.run()
    ticket = office.store.desk.ticket(1)
    shown = desk.shown(office.store, ticket, replace(SETTINGS, countries=("GB",)), now=NOW).brief
    assert (ticket.phone, ticket.contact) == (None, "look_up")
    assert "calls to AU are not allowed" in shown.calling
    assert shown.local_time.endswith("(Australia/Sydney)")
