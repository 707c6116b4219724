"""Under cron: silent when all is well, one line a problem when not, and never silent about a life."""

from __future__ import annotations

import pytest

from e2e.mails import DANGER, crowd, mail
from e2e.team import Team

pytestmark = pytest.mark.dovecot


def test_quiet_says_nothing_when_all_went_well(team: Team) -> None:
    team.desk.deliver(*crowd(5))
    for _ in range(2):
        done = team.triage("run", "--quiet")
        assert (done.exit, done.stdout, done.stderr) == (0, "", "")
    assert "account" in team.triage("run").stdout


def test_a_life_at_risk_is_told_at_once_also_with_quiet_and_to_the_alert_command(team: Team) -> None:
    told = team.home / "told"
    team.configure(f'[alerts]\ncommand = ["tee", "{told}"]')
    team.desk.deliver(mail(DANGER, subject="danger", id="d@c.example", sender="dora@c.example"))
    done = team.triage("run", "--quiet")
    assert (done.exit, done.stdout) == (0, "")
    assert done.stderr.startswith("triage: support: life or safety may be at risk: ticket t1")
    assert done.stderr.count("\n") == 1
    assert "ticket t1" in told.read_text()
    assert team.triage("run", "--quiet").stderr == ""
    assert team.drafts_on_server() == []


def test_an_alert_command_that_fails_is_told_about(team: Team) -> None:
    team.configure('[alerts]\ncommand = ["false"]')
    team.desk.deliver(mail(DANGER, id="d@c.example"))
    done = team.triage("run", "--json")
    assert any("alerts.command" in warning for warning in done.json["warnings"])
    team.desk.deliver(mail(DANGER, id="d2@c.example", sender="eve@c.example"))
    assert "alerts.command" in team.triage("run", "--quiet").stderr


def test_every_account_is_run_and_the_worst_fault_is_the_exit_code(team: Team) -> None:
    odd = team.desk.server.new_user()
    for desk in (team.desk, odd):
        desk.deliver(mail(id=f"{desk.username}@c.example", sender=f"{desk.username}@c.example"))
    account = team.config.read_text().partition("[replies]")[0]
    team.config.write_text(
        account.replace("accounts.support", "accounts.down").replace(f"= {team.desk.server.port}", "= 1")
        + account.replace("accounts.support", "accounts.odd").replace(team.desk.username, odd.username)
        + 'drafts = "Nowhere"\n'
        + team.config.read_text()
    )

    done = team.triage("run", "--json")

    assert done.exit == 78
    status = {a["account"]: a["status"] for a in done.data["accounts"]}
    assert status == {"down": "network", "odd": "mailbox_missing", "support": "ok"}
    assert len(team.drafts_on_server()) == 1
    quiet = team.triage("run", "--quiet")
    assert (quiet.exit, quiet.stderr.count("\n")) == (78, 1)
    assert quiet.stderr.startswith("triage: odd: ")
    assert team.triage("run", "support", "--json").exit == 0
    assert team.triage("run", "nobody", "--json").exit == 64


def test_a_wrong_configuration_is_one_line_a_problem(team: Team) -> None:
    team.configure('[routing]\ncall_threshold = "high"\nnonsense = 1')
    done = team.triage("run", "--quiet")
    assert (done.exit, done.stdout) == (78, "")
    assert [line.startswith("triage: ") for line in done.stderr.splitlines()] == [True, True]
    assert team.triage("run", "--json").json["errors"][0]["code"] == "config"
