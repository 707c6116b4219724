"""The JSON contract of the commands that need no mailbox; all others are validated where they run."""

from __future__ import annotations

import pytest

from e2e.team import Team

pytestmark = pytest.mark.dovecot  # for the team's account


def test_the_commands_schemas_are_listed_and_printed_by_name(team: Team) -> None:
    listed = team.triage("schema", "--json")
    names = {entry["command"] for entry in listed.data}
    assert {"run", "rank", "calls-list", "calls-next", "messages-list", "drafts-list", "verify"} <= names
    printed = team.triage("schema", "calls", "list", "--json")
    assert (printed.exit, printed.data["title"]) == (0, "triage/calls-list/1")
    assert team.triage("--version", "--json").data["version"]


def test_a_call_that_fails_before_its_command_is_known_prints_one_object_too(team: Team) -> None:
    for words in (
        ("--json",),
        ("--nonsense", "--json"),
        ("calls", "--json"),
        ("run", "--nonsense", "--json"),
    ):
        done = team.triage(*words)
        assert (done.exit, done.json["errors"][0]["code"], done.stderr) == (64, "usage", "")
    missing = team.triage("calls", "list", "--json", "--config", str(team.home / "nowhere.toml"))
    assert (missing.exit, missing.json["errors"][0]["code"]) == (78, "config")


def test_ids_people_and_instants_look_the_same_everywhere(team: Team) -> None:
    added = team.triage("calls", "add", "Anna@C.example", "--name", "Anna", "--json").data
    assert (added["id"], added["requester"]) == ("t1", {"name": "Anna", "address": "anna@c.example"})
    assert team.triage("calls", "show", "T1", "--json").data["received"] == added["received"]
    assert team.triage("calls", "show", "1", "--json").data["id"] == "t1"
    assert (added["phone"], added["contact"], added["outcome"]) == (None, "look_up", None)
