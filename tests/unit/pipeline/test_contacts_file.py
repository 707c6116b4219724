"""A file of contacts that cannot be used is told in every pass, and mail does not wait for it."""

from __future__ import annotations

from dataclasses import replace

from unit.pipeline.office import Office


def test_a_fault_of_the_configuration_is_told_in_each_pass(office: Office) -> None:
    office.settings = replace(office.settings, faults=("the contacts in c.csv cannot be read",))
    office.write("anna")
    report = office.run()
    assert report.warnings == ["the contacts in c.csv cannot be read"]
    assert report.seen == 1
