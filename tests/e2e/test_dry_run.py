"""--dry-run tells what would happen and writes nothing anywhere."""

from __future__ import annotations

import shutil

import pytest

from e2e.mails import crowd
from e2e.team import Team

pytestmark = pytest.mark.dovecot


def test_a_dry_run_without_a_store_creates_none_and_tells_what_a_run_would_do(team: Team) -> None:
    team.desk.deliver(*crowd(8))
    server, files = team.desk.snapshot(without=()), team.files()
    dry = team.run("--dry-run")
    assert team.files() == files
    assert team.desk.snapshot(without=()) == server
    assert (dry["seen"], dry["appended"]) == (8, 0)
    assert dry["pending"] >= dry["drafted"], "drafts beside a call wait too"
    assert "nothing was written" in team.triage("run", "--dry-run").stdout
    real = team.run()
    assert {k: real[k] for k in ("seen", "ticketed", "drafted", "owed")} == {
        k: dry[k] for k in ("seen", "ticketed", "drafted", "owed")
    }


def test_a_dry_run_over_an_existing_store_leaves_every_byte_and_time_as_it_was(team: Team) -> None:
    mails = crowd(12)
    team.desk.deliver(*mails[:6])
    team.run()
    team.desk.deliver(*mails[6:])
    server, tables = team.desk.snapshot(without=()), team.tables(without=())
    files = team.files()
    dry = team.run("--dry-run")
    assert dry["seen"] == 6
    assert team.files() == files
    assert team.tables(without=()) == tables
    assert team.desk.snapshot(without=()) == server
    # Neither is a fault remembered that only a dry run met.
    team.configure(account={"port": 1})
    files = team.files()
    assert team.triage("run", "--dry-run").exit == 75
    assert team.files() == files


def test_a_dry_run_beside_an_open_store_sees_what_is_committed_and_changes_no_record(team: Team) -> None:
    team.desk.deliver(*crowd(3))
    team.run()
    with team.database() as database:  # as a run that is at work: its journal is not empty
        database.execute("UPDATE message SET subject = 'changed' WHERE id = 1")
        database.commit()
        wal = team.store.with_name(team.store.name + "-wal")
        assert wal.stat().st_size > 0
        store = team.store.read_bytes()
        assert team.run("--dry-run")["seen"] == 0
        assert team.store.read_bytes() == store


def test_a_dry_run_after_a_kill_leaves_the_files_as_they_were(team: Team) -> None:
    team.desk.deliver(*crowd(3))
    team.run()
    copy = team.home / "copy"
    with team.database() as database:
        database.execute("UPDATE message SET subject = 'changed' WHERE id = 1")
        database.commit()
        shutil.copytree(team.store.parent, copy)  # what a killed run leaves: a journal that nobody holds
    shutil.rmtree(team.store.parent)
    copy.rename(team.store.parent)
    files = team.files()
    assert team.run("--dry-run")["seen"] == 0
    assert team.files() == files
    assert "changed" in team.by_subject()
