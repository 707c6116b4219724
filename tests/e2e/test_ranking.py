"""`triage rank` on files and folders of every kind, and on a mailbox, without storing anything."""

from __future__ import annotations

import json
import mailbox
from email import message_from_bytes
from pathlib import Path

import pytest

from e2e.mails import FURIOUS, QUESTION, crowd, mail
from e2e.team import Team

pytestmark = pytest.mark.dovecot

SAMPLES = Path(__file__).parents[1] / "mail" / "support"


def test_the_50_sample_mails_are_ranked_highest_first_by_their_file_names(team: Team) -> None:
    files = team.files()
    ranked = team.triage("rank", str(SAMPLES), "--json")
    assert ranked.exit == 0
    assert sorted(r["id"] for r in ranked.data) == [f"{n:03}.eml" for n in range(1, 51)]
    scores = [r["score"] for r in ranked.data]
    assert scores == sorted(scores, reverse=True)
    assert team.files() == files


def test_mail_is_ranked_from_an_eml_an_mbox_a_maildir_and_jsonl(team: Team) -> None:
    calm, angry = mail(QUESTION, id="calm@c.example"), mail(FURIOUS, id="angry@c.example")
    eml = team.home / "angry.eml"
    eml.write_bytes(angry)
    box = mailbox.mbox(team.home / "box.mbox")
    maildir = mailbox.Maildir(team.home / "maildir")
    keys = []
    for content in (calm, angry):
        box.add(message_from_bytes(content))
        keys.append(maildir.add(message_from_bytes(content)))
    box.close()
    lines = team.home / "lines.jsonl"
    lines.write_text(
        "\n".join(
            json.dumps({"id": id, "subject": "Help", "body": body})
            for id, body in (("one", QUESTION), ("two", FURIOUS))
        )
    )

    def ids(path: Path) -> list[str]:
        done = team.triage("rank", str(path), "--json")
        assert done.exit == 0, done
        assert done.data[0]["verdict"] == "call"
        return [r["id"] for r in done.data]

    assert ids(eml) == ["angry.eml"]
    assert len(ids(box_path := team.home / "box.mbox")) == 2
    assert ids(box_path) == ids(box_path)
    assert ids(team.home / "maildir") == [keys[1], keys[0]]
    assert ids(lines) == ["two", "one"]
    assert "call" in team.triage("rank", str(eml)).stdout
    explained = team.triage("explain", str(eml), "--json").data
    assert abs(explained["base"] + sum(r["points"] for r in explained["reasons"]) - explained["score"]) <= 1


def test_what_cannot_be_read_is_an_error_of_its_own_and_the_others_are_ranked(team: Team) -> None:
    lines = team.home / "lines.jsonl"
    lines.write_text('{"id": "good", "subject": "Help", "body": "Where is my parcel?"}\nnot json\n')
    done = team.triage("rank", str(lines), "--json")
    assert done.exit == 65
    assert [r["id"] for r in done.data if r["error"] is None] == ["good"]
    assert len(done.json["errors"]) == 1
    gone = team.triage("rank", str(team.home / "nothing.eml"), "--json")
    assert gone.exit in (65, 66), gone


def test_an_accounts_mailbox_is_ranked_without_a_trace(team: Team) -> None:
    team.desk.deliver(*crowd(6))
    before, files = team.desk.snapshot(without=()), team.files()
    done = team.triage("rank", "--account", "support", "--json")
    assert (done.exit, len(done.data)) == (0, 6)
    assert {r["id"] for r in done.data} == {f"INBOX/{n}" for n in range(1, 7)}
    assert team.desk.snapshot(without=()) == before
    assert team.files() == files
