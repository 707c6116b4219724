"""From nothing to a first run (`init`), and what is wrong if there is none (`check`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.mails import OURS, mail
from e2e.team import Team
from servers.dovecot import DovecotServer

pytestmark = pytest.mark.dovecot


def test_init_without_a_terminal_writes_a_configuration_that_runs_and_never_overwrites_it(team: Team) -> None:
    team.config.unlink()
    words = ("init", "--host", "127.0.0.1", "--port", str(team.desk.server.port), "--security", "none",
             "--username", team.desk.username, "--address", OURS, "--json")  # fmt: skip
    refused = team.triage(*words, env={"TRIAGE_PASSWORD": "wrong"})
    assert (refused.exit, team.config.exists()) == (77, False)

    written = team.triage(*words)

    assert (written.exit, Path(written.data["file"])) == (0, team.config)
    assert any("Drafts" in line for line in written.data["found"])
    assert team.config.stat().st_mode & 0o777 == 0o600
    assert team.desk.server.password not in team.config.read_text()
    assert not [p for p in team.config.parent.iterdir() if p != team.config]
    team.desk.deliver(mail(id="a@c.example"))
    run = team.run()  # with the default wait of ten minutes
    assert (run["drafted"], run["appended"], run["pending"]) == (1, 0, 1)
    text = team.config.read_text()
    again = team.triage(*words)
    assert (again.exit, team.config.read_text()) == (65, text)
    team.config.unlink()
    assert team.triage("init", "--json").exit == 64


def test_check_finds_a_good_account_good_and_warns_until_the_first_run(team: Team) -> None:
    before = team.triage("check", "--json")
    assert before.exit == 0, before
    statuses = {c["name"]: c["status"] for c in before.data["checks"]}
    assert statuses.pop("last run") == "warning"
    assert set(statuses.values()) == {"ok"}
    team.run()
    done = team.triage("check", "--json")
    assert {c["name"]: c["status"] for c in done.data["checks"]}["last run"] == "ok"
    assert {"login", "inbox", "drafts", "sent", "store", "templates"} <= {
        c["name"] for c in done.data["checks"]
    }
    assert "FAIL" not in team.triage("check").stdout


@pytest.fixture(scope="module")
def without_sent(needs_dovecot: None) -> Iterator[DovecotServer]:
    with DovecotServer(mailboxes=(("Drafts", "\\Drafts"),)) as server:
        yield server


def test_check_warns_where_answers_cannot_be_noticed(without_sent: DovecotServer, tmp_path: Path) -> None:
    team = Team(without_sent.new_user(), tmp_path)
    done = team.triage("check", "--json")
    assert done.exit == 0
    assert {c["name"]: c["status"] for c in done.data["checks"]}["sent"] == "warning"


def test_check_warns_when_one_ground_silences_much_of_the_mail(team: Team) -> None:
    """As when `addresses` lacks the one that customers write to."""
    team.desk.deliver(
        *(mail(f"Where is parcel {n}?", id=f"n{n}@c.example", sender=f"n{n}@c.example", to="info@ours.example")
          for n in range(25))
    )  # fmt: skip
    run = team.run()
    assert run["owed"] == 25
    checks = team.triage("check", "--json")
    (warning,) = [c for c in checks.data["checks"] if c["name"] == "silenced mail"]
    assert (checks.exit, warning["status"]) == (0, "warning")
    assert "not_named" in warning["detail"]
    assert "addresses" in warning["hint"]


def test_verify_finds_a_message_whose_record_is_lost(team: Team) -> None:
    team.desk.deliver(mail(id="a@c.example"), mail(id="b@c.example", sender="b@c.example"))
    team.run()
    with team.database() as database:
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute("DELETE FROM message WHERE uid = 2")
    done = team.triage("verify", "--json")
    assert (done.exit, done.data["accounts"][0]["missing"]) == (1, [2])
    assert "MISSING" in team.triage("verify").stdout
