"""A throw-away PostgreSQL on loopback, for tests that need a real one.

    with PostgresServer() as server:
        url = server.new_store()              # a fresh schema

As root it runs as the user `postgres`, since the server refuses uid 0. Only what was started
here is stopped.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self


def missing() -> list[str]:
    """What is not installed."""
    try:
        import psycopg  # noqa: F401 - is it there?
    except ImportError:
        return ["psycopg"]
    return [] if _programs() else ["postgresql"]


def _programs() -> Path | None:
    """The folder of initdb and pg_ctl; the newest version, where Debian keeps several."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    there = shutil.which("initdb")
    return Path(there).parent if there else None


class PostgresServer:
    """Started on entry, stopped and removed on exit."""

    def __enter__(self) -> Self:
        programs = _programs()
        assert programs is not None
        self._programs = programs
        self._user = "postgres" if os.getuid() == 0 else ""
        self._root = Path(tempfile.mkdtemp(prefix="triage-pg-", dir="/tmp"))
        if self._user:
            account = pwd.getpwnam(self._user)
            os.chown(self._root, account.pw_uid, account.pw_gid)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._run(
            "initdb", "-D", f"{self._root}/data", "-U", "triage", "-A", "trust", "--no-sync", "-E", "UTF8"
        )
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off -k {self._root}"
        log = f"{self._root}/log"
        self._run("pg_ctl", "-D", f"{self._root}/data", "-w", "-l", log, "-o", options, "start")
        self._numbers = itertools.count(1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run("pg_ctl", "-D", f"{self._root}/data", "-m", "immediate", "stop")
        shutil.rmtree(self._root, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        if self._user:
            command = ["runuser", "-u", self._user, "--", *command]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=60)

    def new_store(self) -> str:
        """The URL of an empty schema of its own."""
        import psycopg

        name = f"s{next(self._numbers)}"
        url = f"postgresql://triage@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return f"{url}?options=-csearch_path%3D{name}"
