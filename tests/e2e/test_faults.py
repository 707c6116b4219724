"""When something is broken: what still works, what is said, and with which exit code."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.mails import FURIOUS, QUESTION, crowd, mail
from e2e.team import Team
from servers.dovecot import Certificates, DovecotServer
from servers.proxy import Proxy

pytestmark = pytest.mark.dovecot


def unreachable(team: Team, more: str = "") -> None:
    """Points the account to a port where nobody listens."""
    team.configure(more, account={"port": 1})


# --------------------------------------------------------------------------- the server


def test_a_server_that_is_down_is_told_about_by_hand_and_by_cron_only_once_it_lasts(team: Team) -> None:
    unreachable(team)
    told = team.triage("run", "--json")
    assert (told.exit, told.account["status"], told.json["errors"][0]["code"]) == (75, "network", "network")

    young = team.triage("run", "--quiet")
    assert (young.exit, young.stdout, young.stderr) == (0, "", "")

    unreachable(team, '[alerts]\nafter = "0m"')
    lasting = team.triage("run", "--quiet")
    assert (lasting.exit, lasting.stdout) == (75, "")
    assert lasting.stderr.startswith("triage: support: ")
    assert lasting.stderr.count("\n") == 1

    team.configure()
    team.run()
    with team.database() as database:
        assert database.execute("SELECT count(*) FROM fault").fetchone()[0] == 0


def test_a_fault_that_has_lasted_is_loud_although_its_kind_changed(team: Team) -> None:
    unreachable(team)
    assert team.triage("run", "--quiet").exit == 0
    with team.database() as database:
        database.execute("UPDATE fault SET since = since - 31 * 60000, code = 'deadline'")
    assert team.triage("run", "--quiet").exit == 75


def test_a_wrong_password_is_77_and_stands_in_no_output(team: Team) -> None:
    wrong = {"TRIAGE_PASSWORD": "hunter2-wrong"}
    for words in (("run", "--json"), ("run", "--verbose", "--debug"), ("run", "--quiet"), ("check",)):
        done = team.triage(*words, env=wrong)
        assert done.exit == 77, done
        assert "hunter2-wrong" not in done.stdout + done.stderr
        assert done.stderr.startswith("triage: ") or "--json" in words
    assert team.triage("run", "--json", env=wrong).json["errors"][0]["code"] == "login_refused"


def test_a_missing_password_is_a_matter_of_configuration(team: Team) -> None:
    done = team.triage("run", "--json", env={"TRIAGE_PASSWORD": ""})
    assert done.exit in (77, 78), done
    assert "TRIAGE_PASSWORD" in done.json["errors"][0]["message"]


def test_certificates_are_verified_and_the_hosts_name_with_them(
    team: Team, certificates: Certificates, ca_file: Path
) -> None:
    tls = {"port": team.desk.server.tls_port, "security": "tls", "host": "localhost"}
    team.desk.deliver(mail(id="a@c.example"))
    team.configure(account=tls)
    done = team.triage("run", "--json")
    assert (done.exit, done.json["errors"][0]["code"]) == (76, "certificate")
    team.configure(account=tls | {"ca_file": str(ca_file)})
    assert team.run()["seen"] == 1
    team.configure(
        account=tls | {"ca_file": str(ca_file), "port": team.desk.server.port, "security": "starttls"}
    )
    assert team.run()["seen"] == 0
    with DovecotServer(certificate=certificates.wrong_host) as other:
        team.configure(account=tls | {"ca_file": str(ca_file), "port": other.tls_port})
        done = team.triage("run", "--json")
        assert (done.exit, done.json["errors"][0]["code"]) == (76, "certificate")


@pytest.fixture(scope="module")
def without_drafts(needs_dovecot: None) -> Iterator[DovecotServer]:
    with DovecotServer(mailboxes=(("Sent", "\\Sent"),)) as server:
        yield server


def test_without_a_drafts_mailbox_calls_are_queued_and_drafts_wait(
    without_drafts: DovecotServer, tmp_path: Path
) -> None:
    team = Team(without_drafts.new_user(), tmp_path)
    team.desk.deliver(mail(id="q@c.example"), mail(FURIOUS, id="f@c.example", sender="fay@c.example"))

    done = team.triage("run", "--json")

    assert (done.exit, done.json["errors"][0]["code"]) == (78, "mailbox_missing")
    run = done.account
    assert (run["ticketed"], run["drafted"], run["pending"], run["appended"]) == (1, 1, 1, 0)
    assert len(team.tickets()) == 1
    checked = team.triage("check", "--json")
    assert checked.exit == 78
    assert {c["name"]: c["status"] for c in checked.data["checks"]}["drafts"] == "failed"

    with team.desk.client() as client:
        client.create_folder("Concepts")
    team.configure(account={"drafts": "Concepts"})
    run = team.run()
    assert (run["seen"], run["appended"], run["pending"]) == (0, 1, 0)
    assert len(team.desk.mails("Concepts")) == 1
    team.configure(account={"drafts": "Nowhere"})
    assert team.triage("run", "--json").exit == 78


def test_a_connection_that_breaks_anywhere_costs_neither_a_mail_nor_a_second_draft(team: Team) -> None:
    mails = crowd(6)
    with Proxy(team.desk.server.port) as proxy:
        team.configure(account={"port": proxy.port})
        for at in (300, 900, 2_000, 4_500, 6_000, 7_500, 9_000):
            team.desk.deliver(mails.pop()) if mails else None
            proxy.faults.cut_after = at
            done = team.triage("run", "--json")
            assert done.exit in (0, 75), done
            proxy.faults.cut_after = None
        team.run()
    assert all(m["disposition"] in ("drafted", "ticketed") for m in team.messages())
    answered = [d["In-Reply-To"] for d in team.drafts_on_server()]
    assert sorted(answered) == sorted(m["message_id"] for m in team.messages() if m["draft"])


def test_a_connection_that_breaks_at_the_append_leaves_exactly_one_draft(team: Team) -> None:
    team.desk.deliver(mail(id="a@c.example"))
    with Proxy(team.desk.server.port) as proxy:
        team.configure(account={"port": proxy.port})
        proxy.faults.cut_before = b"APPENDUID"
        team.triage("run", "--json")
        proxy.faults.cut_before = b""
        team.run()
        team.run()
    assert len(team.drafts_on_server()) == 1
    assert [d["status"] for d in team.drafts()] == ["stored"]


# --------------------------------------------------------------------------- other runs, other mail


def test_of_two_runs_at_once_one_is_skipped(team: Team) -> None:
    team.desk.deliver(mail(id="a@c.example"))
    team.run()
    lock = team.store.with_name(f"{team.store.name}.support.lock")
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = team.triage("run", "--json")
        assert (done.exit, done.account["status"], done.account["seen"]) == (75, "busy", 0)
        quiet = team.triage("run", "--quiet")
        assert (quiet.exit, quiet.stdout, quiet.stderr) == (0, "", "")
        assert team.triage("calls", "list", "--json").exit == 0
        # Another account is still run, and that is a success.
        second = team.config.read_text().replace("[accounts.support]", "[accounts.other]")
        team.config.write_text(team.config.read_text() + second.partition("[replies]")[0])
        both = team.triage("run", "--json")
        assert both.exit == 0
        assert {a["account"]: a["status"] for a in both.data["accounts"]} == {
            "support": "busy",
            "other": "ok",
        }


def test_two_runs_started_together_make_one_draft_each(team: Team) -> None:
    team.desk.deliver(*crowd(10))
    runs = [team.start("run", "--json") for _ in range(2)]
    for process in runs:
        process.communicate(timeout=60)
    assert sorted(process.returncode for process in runs) in ([0, 0], [0, 75])
    team.run()
    drafts = [d["In-Reply-To"] for d in team.drafts_on_server()]
    assert len(drafts) == len(set(drafts)) == len([m for m in team.messages() if m["draft"]])


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a mail that the server cannot read")
def test_a_mail_that_the_server_cannot_read_is_quarantined_at_the_third_time_and_stops_no_other(
    team: Team,
) -> None:
    mails = [mail(f"{QUESTION} {n}", id=f"n{n}@c.example", sender=f"n{n}@c.example") for n in range(5)]
    team.desk.deliver(*mails)
    poison = sorted((team.desk.maildir / "new").iterdir())[2]
    poison.chmod(0)
    team.desk.deliver(mail(id="last@c.example", sender="last@c.example"))

    # The first run asks for it twice: with the others, and alone.
    first, second = team.run(), team.run(exit=65)

    assert (first["drafted"], first["deferred"], first["quarantined"]) == (5, 1, 0)
    assert (second["drafted"], second["deferred"], second["quarantined"]) == (0, 0, 1)
    assert team.run()["seen"] == 0
    (entry,) = team.triage("quarantine", "list", "--json").data
    assert entry["uid"] == 3
    shown = team.triage("quarantine", "show", entry["id"], "--json")
    assert (shown.exit, shown.data["reason"]) == (0, entry["reason"])
    assert team.triage("quarantine", "show", "m999", "--json").exit == 66

    for path in (*(team.desk.maildir / "new").iterdir(), *(team.desk.maildir / "cur").iterdir()):
        path.chmod(0o600)
    assert team.triage("quarantine", "retry", entry["id"], "--json").exit == 0
    assert team.triage("quarantine", "retry", entry["id"], "--json").exit == 69
    run = team.run()
    assert (run["drafted"], run["appended"]) == (1, 1)
    assert team.triage("quarantine", "list", "--json").data == []
    assert len(team.triage("quarantine", "list", "--all", "--json").data) == 1
    assert len(team.drafts_on_server()) == 6


def test_a_mail_that_waits_for_a_second_try_survives_a_new_uidvalidity(team: Team) -> None:
    team.desk.deliver(b"")
    for expected in (0, 0, 65):
        assert team.triage("run", "--json").exit == expected
    assert team.triage("quarantine", "retry", "m1", "--json").exit == 0
    for path in (*team.desk.maildir.glob("dovecot-uidlist"), *team.desk.maildir.glob("dovecot.index*")):
        path.unlink()
    assert team.triage("run", "--json").exit == 0
    assert team.triage("verify", "--json").exit == 0


def test_a_store_that_a_newer_triage_wrote_is_left_as_it_is(team: Team) -> None:
    team.run()
    with team.database() as database:
        database.execute("PRAGMA user_version = 999")
    done = team.triage("calls", "list", "--json")
    assert (done.exit, done.json["errors"][0]["code"]) == (78, "newer_schema")
    assert team.triage("run", "--quiet").exit == 78


def test_a_store_that_cannot_be_written_is_73(team: Team) -> None:
    team.configure('[store]\nurl = "sqlite:////proc/nowhere/triage.sqlite3"')
    done = team.triage("run", "--json")
    assert (done.exit, done.json["errors"][0]["code"]) == (73, "cannot_write")
