"""Agents and programs at the call desk: every command, its JSON, its exit codes, its history."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from e2e.mails import FURIOUS, OURS, mail
from e2e.team import Team

pytestmark = pytest.mark.dovecot


@pytest.fixture
def busy(team: Team) -> Team:
    """A team with two cases of two customers, one of them with two mails, and a draft."""
    team.desk.deliver(
        mail(FURIOUS, subject="worst", id="w1@c.example", sender="Will West <will@c.example>"),
        mail(FURIOUS + " Again!", subject="worst again", id="w2@c.example", sender="Will West <will@c.example>"),
        mail("I am very disappointed and furious. I will sue you, my solicitor writes tomorrow.",
             subject="second", id="s@c.example", sender="Sue South <sue@c.example>"),
        mail(subject="calm", id="calm@c.example", sender="carl@c.example"),
    )  # fmt: skip
    run = team.run()
    assert (run["ticketed"], run["drafted"]) == (3, 1)
    return team


def test_a_case_goes_from_the_queue_to_its_outcome(busy: Team) -> None:
    queue = busy.triage("calls", "list", "--json")
    assert (queue.exit, [t["messages"] for t in queue.data]) == (0, [2, 1])
    worst, second = (t["id"] for t in queue.data)

    assert busy.triage("calls", "next", "--peek", "--json").data["status"] == "waiting"
    taken = busy.triage("calls", "next", "--json").data
    assert (taken["id"], taken["claimed_by"], bool(taken["claim"])) == (worst, "ada", True)
    assert "Will" in taken["brief"]["text"]
    assert busy.triage("calls", "next", "--json").data["claim"] == taken["claim"], "the same, renewed"
    bob = {"TRIAGE_AGENT": "bob"}
    assert busy.triage("calls", "next", "--json", env=bob).data["id"] == second
    held = busy.triage("calls", "claim", worst, "--json", env=bob)
    assert (held.exit, held.json["errors"][0]["code"]) == (69, "held")
    assert busy.triage("calls", "next", "--as", "eve", "--json").data is None

    back = busy.triage("calls", "release", second, "--note", "wants French", "--as", "bob", "--json")
    assert (back.exit, back.data["status"]) == (0, "waiting")
    shown = busy.triage("calls", "show", second, "--json").data
    assert "wants French" in shown["brief"]["text"]
    again = busy.triage("calls", "claim", second, "--json", "--as", "bob").data
    missed = busy.triage("calls", "no-answer", second, "--claim", again["claim"], "--json").data
    assert (missed["status"], missed["attempts"], bool(missed["next_attempt"])) == ("scheduled", 1, True)
    put_off = busy.triage("calls", "snooze", second, "--for", "2h", "--json").data
    assert put_off["status"] == "scheduled"
    assert busy.triage("calls", "snooze", second, "--json").exit == 64

    done = busy.triage("calls", "done", worst, "--outcome", "agreed", "--note", "refund on Monday", "--json")
    assert (done.exit, done.data["status"], done.data["outcome"]) == (0, "resolved", "agreed")
    assert [t["id"] for t in busy.triage("calls", "list", "--json").data] == [second]
    told = busy.triage("calls", "history", worst, "--json").data
    assert [e["event"] for e in told] == ["opened", "mail joined", "claimed", "renewed", "done"]
    assert (told[-1]["who"], "refund on Monday" in told[-1]["detail"]) == ("ada", True)


def test_whoever_finishes_late_changes_nothing_but_their_note_is_kept(busy: Team) -> None:
    token = busy.triage("calls", "next", "--json").data["claim"]
    with busy.database() as database:
        database.execute("UPDATE ticket SET lease_expires = 1 WHERE status = 'claimed'")
    bobs = busy.triage("calls", "claim", "t1", "--as", "bob", "--json").data
    assert bobs["claim"] != token
    late = busy.triage(
        "calls", "done", "t1", "--claim", token, "--note", "she was glad of the call", "--json"
    )
    assert (late.exit, late.json["errors"][0]["code"]) == (69, "lost_lease")
    late = busy.triage("calls", "no-answer", "t1", "--as", "ada", "--note", "rang at noon", "--json")
    assert late.exit == 69
    shown = busy.triage("calls", "show", "t1", "--json").data
    assert (shown["claimed_by"], shown["claim"]) == ("bob", bobs["claim"])
    notes = [
        e["detail"] for e in busy.triage("calls", "history", "t1", "--json").data if e["event"] == "note"
    ]
    assert len(notes) == 2
    assert "she was glad of the call" in notes[0]
    assert "she was glad of the call" in shown["brief"]["text"]


def test_add_and_split_make_tickets_by_hand(busy: Team) -> None:
    added = busy.triage("calls", "add", "Nora@C.example", "--name", "Nora", "--phone", "020 7946 0018",
                        "--subject", "rang us", "--json").data  # fmt: skip
    assert (added["phone"], added["requester"]) == (
        "+442079460018",
        {"name": "Nora", "address": "nora@c.example"},
    )
    assert busy.triage("calls", "add", "nora@c.example", "--json").json["errors"][0]["code"] == "exists"
    assert busy.triage("calls", "add", "nonsense", "--json").exit == 64
    assert busy.triage("calls", "add", "x@c.example", "--phone", "12", "--json").exit == 65
    parted = busy.triage("calls", "split", "t1", "m2", "--note", "another matter", "--json").data
    assert (parted["subject"], parted["messages"]) == ("worst again", 1)
    assert busy.triage("calls", "show", "t1", "--json").data["messages"] == 1
    assert busy.triage("calls", "split", "t1", "m1", "--json").exit == 69
    assert busy.triage("calls", "split", "t1", "m99", "--json").exit == 66


def test_wishes_of_a_requester_are_kept_and_obeyed(busy: Team) -> None:
    shown = busy.triage("contact", "will@c.example", "--json").data
    assert (shown["flags"], shown["tickets"]) == ([], ["t1"])
    changed = busy.triage("contact", "will@c.example", "--set", "no_call", "--phone", "+44 20 7946 0999",
                          "--note", "prefers post", "--json").data  # fmt: skip
    assert (changed["flags"], changed["note"]) == (["no_call"], "prefers post")
    ticket = busy.triage("calls", "show", "t1", "--json").data
    assert (ticket["contact"], ticket["phone"], ticket["phone_verified"]) == (
        "writing",
        "+442079460999",
        True,
    )
    busy.desk.deliver(mail(FURIOUS + " 3", subject="worst 3", id="w3@c.example", sender="will@c.example"))
    busy.run()
    assert busy.triage("calls", "show", "t1", "--json").data["contact"] == "writing"
    assert busy.triage("contact", "will@c.example", "--unset", "no_call", "--json").data["flags"] == []
    assert busy.triage("calls", "show", "t1", "--json").data["contact"] == "phone"
    assert busy.triage("contact", "nonsense", "--json").exit == 64


def test_records_are_shown_and_kept(busy: Team) -> None:
    (draft,) = busy.triage("drafts", "list", "--json").data
    assert busy.triage("drafts", "show", draft["id"], "--json").data["text"] == draft["text"]
    assert busy.triage("drafts", "retry", draft["id"], "--json").exit == 69
    (promise,) = busy.triage("promises", "list", "--json").data
    assert (promise["status"], promise["made"], promise["due"]) == ("unsent", None, None)
    assert busy.triage("promises", "keep", promise["id"], "--note", "rang", "--json").data["status"] == "kept"
    assert busy.triage("promises", "keep", promise["id"], "--json").exit == 69
    assert busy.triage("promises", "list", "--check", "--json").exit == 0
    message = busy.triage("messages", "show", draft["message"], "--json").data
    assert (message["subject"], message["draft"]) == ("calm", draft["id"])
    assert busy.triage("explain", draft["message"], "--json").data["disposition"] == "drafted"
    assert busy.triage("explain", "m1", "--json").data["verdict"] == "call"
    file = busy.home / "copy.sqlite3"
    assert busy.triage("backup", str(file), "--json").data["bytes"] == file.stat().st_size > 0
    assert busy.triage("backup", str(file), "--json").exit == 65
    assert busy.triage("verify", "--json").exit == 0
    since = busy.triage("messages", "list", "--since", "2020-01-01", "--json").data
    assert len(since) == 4
    for words in (("calls", "show", "t1"), ("drafts", "show", "d1"), ("messages", "show", "m1"),
                  ("explain", "m1"), ("calls", "history", "t1"), ("promises", "list", "--all"),
                  ("verify",), ("quarantine", "list"), ("contact", "will@c.example")):  # fmt: skip
        done = busy.triage(*words)
        assert (done.exit, bool(done.stdout.strip())) == (0, True), words


def test_what_does_not_exist_is_66_and_what_makes_no_sense_is_64(busy: Team) -> None:
    missing = ("calls show t99", "calls claim t99", "calls done t99", "calls release t99", "calls snooze t99 --for 1h",
               "calls no-answer t99", "calls history t99", "calls split t99 m1", "drafts show d99", "drafts retry d99",
               "messages show m99", "explain m99", "promises keep p99", "quarantine show m1",
               "quarantine retry m1", "schema nonsense")  # fmt: skip
    for command in missing:
        done = busy.triage(*command.split(), "--json")
        assert (done.exit, done.json["errors"][0]["code"]) == (66, "not_found"), done
    for command in ("calls show d1", "calls done t1 --outcome nonsense", "calls", "calls snooze t1 --for soon", "rank",
                    "run --limit 0", "messages list --since never", "nonsense"):  # fmt: skip
        done = busy.triage(*command.split(), "--json")
        assert (done.exit, done.json["errors"][0]["code"]) == (64, "usage"), done
    not_mine = busy.triage("calls", "release", "t1", "--json")
    assert (not_mine.exit, not_mine.json["errors"][0]["code"]) == (69, "state")


def test_agents_are_warned_when_mail_has_not_been_read_for_half_an_hour(busy: Team) -> None:
    assert busy.triage("calls", "list", "--json").json["warnings"] == []
    with busy.database() as database:
        database.execute("UPDATE pass SET started = started - 31 * 60000")
    for words in (("calls", "list"), ("calls", "next"), ("calls", "show", "t1"), ("drafts", "list")):
        (warning,) = busy.triage(*words, "--json").json["warnings"]
        assert "31 minutes" in warning
    assert "31 minutes" in busy.triage("calls", "list").stderr


def test_a_holding_reply_that_was_sent_and_the_call_that_kept_its_promise(team: Team) -> None:
    team.configure(replies='announce_calls = "always"')
    team.desk.deliver(mail(FURIOUS, subject="worst", id="w@c.example", sender="will@c.example"))
    run = team.run()
    assert (run["ticketed"], run["drafted"], run["appended"]) == (1, 0, 1)
    with team.desk.client() as client:
        client.select_folder("Drafts")
        client.move(client.search(), "Sent")
    team.run()
    (promise,) = team.triage("promises", "list", "--json").data
    assert promise["status"] == "open"
    assert datetime.fromisoformat(promise["due"]) > datetime.now(UTC)
    assert team.triage("promises", "list", "--check", "--json").exit == 0
    with team.database() as database:
        database.execute("UPDATE promise SET due = made - 1")
    overdue = team.triage("promises", "list", "--check", "--json")
    assert (overdue.exit, overdue.data[0]["overdue"]) == (1, True)
    team.run()
    assert team.triage("promises", "list", "--json").data[0]["status"] == "broken"
    assert "promise" in team.triage("calls", "show", "t1").stdout.lower()
    assert team.triage("calls", "done", "t1", "--json").exit == 0
    assert team.triage("promises", "list", "--all", "--json").data[0]["status"] == "kept"
    assert OURS in team.desk.mails("Sent")[0].decode()


@pytest.mark.parametrize("wish", ["unsafe", "no_mail"])
def test_a_wish_not_to_be_written_to_takes_waiting_drafts_back_and_the_mail_is_owed(
    team: Team, wish: str
) -> None:
    team.configure(wait="10m")
    team.desk.deliver(mail(id="a@c.example", sender="anna@c.example"))
    assert team.run()["pending"] == 1
    assert team.triage("contact", "anna@c.example", "--set", wish, "--json").exit == 0
    assert [d["status"] for d in team.drafts()] == ["withdrawn"]
    (owed,) = team.triage("messages", "list", "--owed", "--json").data
    assert owed["ground"] == wish
