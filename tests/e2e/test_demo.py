"""`triage demo` as a newcomer runs it: the installed command, nothing configured."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from e2e.team import TRIAGE, Finished


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Somebody with an empty home and an empty folder for temporary files."""

    home: Path
    temporary: Path

    def triage(self, *words: str, **environment: str) -> Finished:
        done = subprocess.run(
            [TRIAGE, *words],
            env={
                "HOME": str(self.home),
                "TMPDIR": str(self.temporary),
                "PATH": os.environ.get("PATH", ""),
                "LANG": "C.UTF-8",
                **environment,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            cwd=self.home,
        )
        return Finished(command=" ".join(words), exit=done.returncode, stdout=done.stdout, stderr=done.stderr)

    @property
    def leftovers(self) -> list[Path]:
        return [*self.home.rglob("*"), *self.temporary.rglob("*")]


@pytest.fixture
def newcomer(tmp_path: Path) -> Newcomer:
    return _newcomer(tmp_path)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `triage demo --json` shows."""
    newcomer = _newcomer(tmp_path_factory.mktemp("demo"))
    done = newcomer.triage("demo", "--json")
    assert (done.exit, done.stderr, newcomer.leftovers) == (0, "", [])
    data: dict[str, Any] = done.data
    return data


def _newcomer(folder: Path) -> Newcomer:
    for name in ("home", "temporary"):
        (folder / name).mkdir()
    return Newcomer(home=folder / "home", temporary=folder / "temporary")


def test_the_demo_does_the_main_job_on_every_mail(shown: dict[str, Any]) -> None:
    assert shown["messages"] == sum(shown["counts"].values()) == len(shown["ranked"]) >= 25
    assert shown["calls"]
    assert shown["brief"]["text"]
    scores = [mail["score"] for mail in shown["ranked"] if mail["score"] is not None]
    assert scores == sorted(scores, reverse=True)
    dispositions = {mail["disposition"] for mail in shown["ranked"]}
    assert dispositions == {"ticketed", "drafted", "owed", "left_alone"}


def test_two_drafts_are_read_back_from_the_server_inside_their_threads(shown: dict[str, Any]) -> None:
    came = {mail["message_id"] for mail in shown["ranked"]}
    planned = {draft["message_id"]: draft for draft in shown["drafts"]}

    assert len(shown["fetched"]) == 2
    for found in shown["fetched"]:
        headers = found["headers"]
        draft = planned[headers["Message-ID"]]
        assert draft["status"] == "stored"
        assert found["flags"] == ["\\Draft"]
        assert headers["In-Reply-To"] in came
        assert draft["requester"]["address"] in headers["To"]
        assert found["text"].replace("\r\n", "\n").startswith(draft["text"].strip())


def test_no_robot_and_nobody_who_was_answered_gets_a_draft_or_a_call(shown: dict[str, Any]) -> None:
    drafted = {draft["requester"]["address"] for draft in shown["drafts"]}
    called = {ticket["requester"]["address"] for ticket in shown["calls"]}
    automated = [mail for mail in shown["ranked"] if mail["automated"]]

    assert len(automated) >= 5
    for mail in automated:
        assert mail["disposition"] == "left_alone"
        assert mail["from"]["address"] not in drafted | called
    assert {"answered", "old"} <= {mail["ground"] for mail in shown["ranked"]}


def test_what_burns_or_smells_of_gas_stands_at_the_top_of_the_queue(shown: dict[str, Any]) -> None:
    dangers = [ticket["subject"] for ticket in shown["calls"] if ticket["tier"] == 0]
    assert {"Ridgeline 2 stove", "new meter"} <= set(dangers)
    assert [ticket["subject"] for ticket in shown["calls"][: len(dangers)]] == dangers


def test_the_demo_for_people_ends_by_saying_what_to_do_next_and_leaves_nothing_behind(
    newcomer: Newcomer,
) -> None:
    done = newcomer.triage("demo")

    assert (done.exit, done.stderr) == (0, "")
    for step in ("triage run (", "ranked by", "The call queue", "!! DANGER", "In-Reply-To:"):
        assert step in done.stdout
    end = done.stdout.partition("What next")[2]
    for next_step in ("triage init", "triage check", "triage run --dry-run", "*/5 * * * *"):
        assert next_step in end
    assert newcomer.leftovers == []


def test_without_the_embedded_server_it_says_what_to_install(newcomer: Newcomer, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked" / "pymap"
    blocked.mkdir(parents=True)
    (blocked / "__init__.py").write_text("raise ImportError('not installed')\n")

    done = newcomer.triage("demo", "--json", PYTHONPATH=str(blocked.parent), PYTHONDONTWRITEBYTECODE="1")

    assert done.exit == 78
    printed: dict[str, Any] = json.loads(done.stdout)
    assert printed["errors"] == [
        {
            "code": "missing_extra",
            "message": "the demo's mail server is not installed",
            "hint": "pip install 'triage-desk[demo]'",
        }
    ]
    assert newcomer.leftovers == []
