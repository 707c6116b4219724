"""`triage templates`: what is there, what is wrong with it, what it makes of a mail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from triage.__main__ import main

MAIL = """From: Anna Lind <anna@customer.example>
To: help@example.org
Subject: Where is the side table?
Date: Wed, 25 Nov 2026 09:00:00 +0000
Message-ID: <a@customer.example>

The side table should have come on Monday and nobody tells me where it is. I am very disappointed.

Kind regards
Anna
"""


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A team with an empty template folder of its own."""
    config = tmp_path / "config.toml"
    (tmp_path / "own" / "replies" / "en").mkdir(parents=True)
    config.write_text(
        f'[store]\nurl = "sqlite:///{tmp_path}/s.sqlite3"\n[replies]\ntemplates = "own"\nlanguages = ["en", "de"]\n'
        'signature = "Bo\\nExample Support"\n[accounts.a]\nhost = "imap.example.org"\nusername = "a"\n'
        'password_env = "PW"\naddresses = ["help@example.org"]\n'
    )
    monkeypatch.setenv("TRIAGE_CONFIG", str(config))
    return tmp_path


def called(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = main(["templates", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_the_list_tells_whose_each_text_is(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (team / "own/replies/en/fault.txt.j2").write_text('{% extends "replies/en/letter.txt.j2" %}')
    code, told = called(capsys, "list")
    assert code == 0
    sources = {row["file"]: row["source"] for row in told["data"]}
    assert sources["replies/en/fault.txt.j2"] == "team"
    assert sources["replies/de/fault.txt.j2"] == "shipped"
    assert {row["language"] for row in told["data"]} == {"en", "de"}


def test_shipped_templates_have_no_fault(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = called(capsys, "check", "--language", "en")
    assert (code, told["data"]) == (0, [])


@pytest.mark.parametrize(
    ("words", "rule", "message"),
    [
        ("{% block who %}Rest assured that we will look{% endblock %}", "P19", "placate"),
        ("{% block who %}{{ colour }} will look{% endblock %}", None, "colour"),
        ("{% block who %}{% if %}{% endblock %}", None, "line 2"),
    ],
)
def test_a_fault_in_the_teams_own_template_is_named(
    team: Path, capsys: pytest.CaptureFixture[str], words: str, rule: str | None, message: str
) -> None:
    own = team / "own/replies/en/fault.txt.j2"
    own.write_text(f'{{% extends "replies/en/letter.txt.j2" %}}\n{words}')
    code, told = called(capsys, "check", "--language", "en")
    assert code == 1
    assert {(row["kind"], row["rule"]) for row in told["data"]} == {("fault", rule)}
    assert message in told["data"][0]["message"]


def test_a_language_of_the_teams_own_must_be_whole(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (team / "own/replies/sv").mkdir()
    (team / "own/replies/sv/letter.txt.j2").write_text("Hej")
    code, told = called(capsys, "check", "--language", "sv")
    assert code == 1
    assert "wording/sv.toml" in told["data"][0]["message"]
    assert called(capsys, "check", "--language", "xx")[0] == 66


def test_a_persons_own_text_is_held_against_the_playbook(
    team: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reply = team / "reply.txt"
    reply.write_text(
        "Hello Anna,\n\nwe are sorry for any inconvenience. Unfortunately our policy does not allow it.\n\nBo\n"
    )
    code, told = called(capsys, "check", "--text", str(reply), "--kind", "complaint")
    assert code == 1
    assert {"P8", "P18"} <= {row["rule"] for row in told["data"]}
    assert all(row["line"] == 3 for row in told["data"] if row["rule"] == "P18")
    assert called(capsys, "check", "--text", str(reply), "--kind", "sonnet")[0] == 64
    assert called(capsys, "check", "--text", str(team / "none.txt"))[0] == 65


def test_a_preview_shows_plan_and_words(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = called(capsys, "preview", "complaint")
    assert (code, told["data"]["faults"]) == (0, [])
    (team / "a.eml").write_text(MAIL.replace("\n", "\r\n"))
    code, told = called(capsys, "preview", "--mail", str(team / "a.eml"))
    assert code == 0
    assert told["data"]["plan"]["greeting_name"] == "Anna"
    assert "Hello Anna," in told["data"]["text"]
    assert "Bo\nExample Support" in told["data"]["text"]
    assert called(capsys, "preview")[0] == 64
    assert called(capsys, "preview", "emergency")[0] == 65
