"""A support team at work: a home of its own, an account on Dovecot, and the installed command."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.policy import default
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from e2e.mails import OURS
from servers.dovecot import Desk

TRIAGE = Path(sys.executable).with_name("triage")
SECONDS = 120  # no call may take longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a call of `triage` ended."""

    command: str
    exit: int
    stdout: str
    stderr: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on stdout, which keeps the schema that `triage schema` prints."""
        printed: dict[str, Any] = json.loads(self.stdout)
        name = printed["schema"].split("/")[1]
        found = [
            f"{error.json_path}: {error.message[:300]}" for error in _validator(name).iter_errors(printed)
        ]
        assert not found, f"triage {self.command}: {found}"
        assert printed["ok"] == (self.exit == 0)
        return printed

    @property
    def data(self) -> Any:
        return self.json["data"]

    @property
    def account(self) -> dict[str, Any]:
        """The one account's pass in what `triage run --json` printed."""
        (account,) = self.data["accounts"]
        counted = sum(
            account[word]
            for word in ("ticketed", "drafted", "owed", "left_alone", "quarantined", "uncertain")
        )
        assert account["seen"] == counted, "the counts of a pass add up"
        found: dict[str, Any] = account
        return found


class Team:
    """`triage(...)` runs the installed command as this team's cron job and agents would."""

    def __init__(self, desk: Desk, home: Path) -> None:
        self.desk = desk
        self.home = home
        self.config = home / ".config" / "triage" / "config.toml"
        self.environment = {
            "HOME": str(home),
            "PATH": os.environ.get("PATH", ""),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "TRIAGE_PASSWORD": desk.server.password,
            "TRIAGE_AGENT": "ada",
        }
        self.configure()

    # ------------------------------------------------------------------ configuration

    def configure(
        self,
        more: str = "",
        *,
        replies: str = "",
        account: Mapping[str, object] | None = None,
        wait: str = "0m",
    ) -> None:
        """Writes config.toml. `account` replaces keys of [accounts.support], `more` is appended."""
        keys: dict[str, object] = {
            "host": self.desk.server.host,
            "port": self.desk.server.port,
            "security": "none",
            "username": self.desk.username,
            "password_env": "TRIAGE_PASSWORD",
            "addresses": [OURS],
            "internal_domains": ["ours.example"],
        }
        lines = [f"{key} = {json.dumps(value)}" for key, value in (keys | dict(account or {})).items()]
        self.config.parent.mkdir(parents=True, exist_ok=True)
        self.config.write_text(
            # Tests run at any hour and on any day.
            "\n".join(
                [
                    "[accounts.support]",
                    *lines,
                    "[replies]",
                    f'wait = "{wait}"',
                    replies,
                    more,
                    *([] if "[team]" in more else ["[team]", 'holidays = ""']),
                    *(
                        []
                        if "[calling]" in more
                        else ["[calling]", 'hours = "00:00-24:00"', 'days = "mon-sun"']
                    ),
                    "",
                ]
            )
        )

    # ------------------------------------------------------------------ the command

    def triage(self, *words: str, env: Mapping[str, str] | None = None) -> Finished:
        """Runs `triage WORDS` to its end."""
        done = subprocess.run(
            [TRIAGE, *words],
            env=self.environment | dict(env or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            cwd=self.home,
        )
        assert self.desk.server.password not in done.stdout + done.stderr, "no password in any output"
        return Finished(command=" ".join(words), exit=done.returncode, stdout=done.stdout, stderr=done.stderr)

    def run(self, *words: str, exit: int = 0) -> dict[str, Any]:
        """One pass that ends as expected; the account's counts."""
        done = self.triage("run", "--json", *words)
        assert done.exit == exit, done
        return done.account

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Starts `triage WORDS`; the caller waits for it, or kills it."""
        return subprocess.Popen(
            [TRIAGE, *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.home,
        )

    # ------------------------------------------------------------------ what there is

    def messages(self, *words: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.triage("messages", "list", "--all", "--json", *words).data
        return found

    def by_subject(self) -> dict[str, dict[str, Any]]:
        return {message["subject"]: message for message in self.messages()}

    def tickets(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.triage("calls", "list", "--all", "--json").data
        return found

    def drafts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.triage("drafts", "list", "--all", "--json").data
        return found

    def drafts_on_server(self) -> list[Message]:
        return [message_from_bytes(content, policy=default) for content in self.desk.mails("Drafts")]

    @property
    def store(self) -> Path:
        return self.home / ".local" / "share" / "triage" / "triage.sqlite3"

    @contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        """The records' file, to look at what no command shows, and to turn back clocks."""
        connection = sqlite3.connect(self.store)
        connection.row_factory = sqlite3.Row
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def tables(self, *, without: tuple[str, ...] = ("pass",)) -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table but `without`."""
        with self.database() as database:
            names = [
                row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            return {
                name: [tuple(row) for row in database.execute(f'SELECT * FROM "{name}"')]
                for name in names
                if name not in without
            }

    def files(self) -> dict[str, tuple[int, bytes]]:
        """Every file of the home: when it was written, and its bytes."""
        return {
            str(path.relative_to(self.home)): (
                path.stat().st_mtime_ns,
                path.read_bytes() if path.is_file() else b"",
            )
            for path in sorted(self.home.rglob("*"))
        }


@cache
def _validator(command: str) -> Draft202012Validator:
    printed = subprocess.run(
        [TRIAGE, "schema", command],
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    schema = json.loads(printed.stdout)
    Draft202012Validator.check_schema(schema)
    formats = FormatChecker(formats=())
    formats.checks("date-time", raises=ValueError)(
        lambda text: bool(datetime.fromisoformat(str(text)).tzinfo)
    )
    return Draft202012Validator(schema, format_checker=formats)
