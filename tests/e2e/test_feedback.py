"""What the team says of the ranking: recorded, shown, and measured against."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from e2e.mails import FURIOUS, QUESTION, mail
from e2e.team import Team

pytestmark = pytest.mark.dovecot

SAMPLES = Path(__file__).parents[1] / "mail" / "support"


@pytest.fixture
def ranked(team: Team) -> Team:
    """A team with one case of two mails (t1: m1, m2) and a drafted question (m3)."""
    team.desk.deliver(
        mail(FURIOUS, subject="worst", id="w1@c.example", sender="Will West <will@c.example>"),
        mail(FURIOUS + " Again!", subject="again", id="w2@c.example", sender="Will West <will@c.example>"),
        mail(QUESTION, subject="calm", id="calm@c.example", sender="carl@c.example"),
    )
    run = team.run()
    assert (run["ticketed"], run["drafted"]) == (2, 1)
    return team


def test_an_agents_word_on_a_mail_is_kept_shown_and_replaced_by_a_later_one(ranked: Team) -> None:
    (calm,) = [m["id"] for m in ranked.messages() if m["subject"] == "calm"]
    said = ranked.triage("feedback", calm, "call", "--note", "she is in tears", "--json").data
    assert (said["who"], said["note"]) == ("ada", "she is in tears")
    assert [(m["message"], m["ranked"], m["verdict"], m["before"]) for m in said["messages"]] == [
        (calm, "reply", "call", None)
    ]
    later = ranked.triage("feedback", calm, "none", "--as", "bob", "--json").data
    assert later["messages"][0]["before"] == "call"
    explained = ranked.triage("explain", calm, "--json").data
    assert (explained["feedback"]["verdict"], explained["feedback"]["who"]) == ("none", "bob")
    assert "bob says: none" in ranked.triage("explain", calm).stdout
    events = ranked.triage("messages", "show", calm, "--json").data["events"]
    assert [e["who"] for e in events if e["event"] == "feedback"] == ["ada", "bob"]


def test_feedback_on_a_ticket_is_about_all_its_mails(ranked: Team) -> None:
    said = ranked.triage("feedback", "t1", "reply", "--json").data
    assert [m["subject"] for m in said["messages"]] == ["worst", "again"]
    shown = ranked.triage("feedback", "t1", "call")
    assert (shown.exit, "worst" in shown.stdout) == (0, True)


def test_how_a_call_ended_is_feedback_where_it_says_something(ranked: Team) -> None:
    assert ranked.triage("explain", "m1", "--json").data["feedback"] is None
    ranked.triage("calls", "done", "t1", "--outcome", "not_needed", "--json")
    said = ranked.triage("explain", "m1", "--json").data["feedback"]
    assert (said["verdict"], said["source"], said["who"]) == ("reply", "outcome", "ada")


def test_what_cannot_have_feedback_is_told(ranked: Team) -> None:
    ranked.triage("calls", "add", "nora@c.example")
    for words, exit in (
        ("m99 call", 66),
        ("t99 call", 66),
        ("t2 call", 69),
        ("12 call", 64),
        ("d1 call", 64),
        ("m1 ring", 64),
    ):
        assert ranked.triage("feedback", *words.split(), "--json").exit == exit, words


def test_the_ranking_is_measured_against_the_teams_own_feedback(ranked: Team) -> None:
    nothing = ranked.triage("evaluate", "feedback", "--json")
    assert (nothing.exit, nothing.json["errors"][0]["code"]) == (65, "bad_input")
    (calm,) = [m["id"] for m in ranked.messages() if m["subject"] == "calm"]
    ranked.triage("calls", "done", "t1", "--outcome", "resolved")
    ranked.triage("feedback", calm, "reply")
    for words in ((), ("--again",), ("--account", "support")):
        measured = ranked.triage("evaluate", "feedback", *words, "--json").data
        assert (measured["mails"], measured["calls"], measured["auc"]) == (3, 2, 1.0), words
        assert measured["capacity"] == 20
    ranked.triage("feedback", calm, "call")
    measured = ranked.triage("evaluate", "feedback", "--json").data
    (miss,) = measured["misses"]
    assert (miss["id"], miss["kind"], miss["label"]) == (calm, "missed_call", "call")
    assert "calm" in ranked.triage("evaluate", "feedback").stdout


def test_labelled_mails_are_measured_from_a_csv_its_folder_and_json_lines(team: Team) -> None:
    files = team.files()
    by_folder = team.triage("evaluate", str(SAMPLES), "--json").data
    by_csv = team.triage("evaluate", str(SAMPLES / "labels.csv"), "--capacity", "5", "--json").data
    assert (by_folder["mails"], by_csv["capacity"]) == (50, 5)
    assert by_csv["auc"] == by_folder["auc"] > 0.5
    assert team.files() == files, "nothing is stored"
    lines = team.home / "labelled.jsonl"
    rows = [
        {"id": "a", "subject": "Help", "body": FURIOUS, "verdict": "call"},
        {"id": "b", "subject": "Help", "body": QUESTION, "verdict": "reply", "priority": 10},
        {"id": "c", "subject": "Help", "body": QUESTION},
    ]
    lines.write_text("\n".join(map(json.dumps, rows)))
    done = team.triage("evaluate", str(lines), "--json")
    assert (done.exit, done.data["mails"], done.data["average_precision"]) == (0, 2, 1.0)
    assert len(done.json["warnings"]) == 1


def test_a_labelled_mail_that_is_missing_is_named_and_the_others_are_measured(team: Team) -> None:
    shutil.copy(SAMPLES / "001.eml", team.home / "001.eml")
    (team.home / "labels.csv").write_text("file,verdict\n001.eml,reply\n002.eml,call\n")
    done = team.triage("evaluate", str(team.home / "labels.csv"), "--json")
    assert (done.exit, done.json["data"]["mails"]) == (65, 1)
    assert "002.eml" in done.json["errors"][0]["message"]


def test_an_explanation_adds_up_and_says_what_lowers_the_score_and_what_is_unknown(ranked: Team) -> None:
    (calm,) = [m["id"] for m in ranked.messages() if m["subject"] == "calm"]
    told = ranked.triage("explain", calm, "--json").data
    assert abs(told["base"] + sum(r["points"] for r in told["reasons"]) - told["score"]) <= 1
    assert "stays below" in told["rule"]
    assert any("telephone" in line for line in told["unknown"])
    text = ranked.triage("explain", calm).stdout
    for part in ("where every mail starts", "What lowers it", "What is not known", "Route: a holding reply"):
        assert part in text
    (ranked.home / "a.eml").write_bytes(mail(FURIOUS))
    of_file = ranked.triage("explain", str(ranked.home / "a.eml"), "--json").data
    assert (of_file["disposition"], of_file["ground"]) == ("ticketed", "call")
    assert "first contact" in of_file["unknown"][-1]
