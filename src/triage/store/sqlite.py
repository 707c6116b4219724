"""The store in one SQLite file: for agents and cron on one machine.

WAL with synchronous=FULL: an acknowledged commit survives a power loss. Transactions are
BEGIN IMMEDIATE, so that a reader never has to upgrade (which SQLite refuses at once).
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from triage.errors import BusyError, InputError, TriageError, WriteError
from triage.store.database import Database, Row, Value, busy

BUSY_MS = 10_000


def _failure(error: sqlite3.Error, where: str) -> TriageError:
    text = str(error)
    if "locked" in text or "busy" in text:
        return BusyError(f"the store {where} is busy", hint="another command is writing to it; try again")
    if any(word in text for word in ("readonly", "disk", "full", "unable to open", "I/O")):
        return WriteError(f"cannot write to the store {where}: {text}", hint="look at its disk and its owner")
    if "not a database" in text or "malformed" in text:
        return WriteError(f"the store {where} is damaged: {text}", hint="restore it from `triage backup`")
    return TriageError(f"the store {where} refused a command: {text}")


class SqliteDatabase(Database):
    """A thin wrapper over `sqlite3`."""

    def __init__(self, connection: sqlite3.Connection, where: str) -> None:
        self._connection = connection
        self._path: Path | None = None  # none for a copy in memory
        self.where = where
        connection.row_factory = sqlite3.Row

    # ------------------------------------------------------------------ opening

    @classmethod
    def open(cls, path: Path, *, group: str = "") -> SqliteDatabase:
        """Open the file, or make it: mode 0600 (0660 for a shared Unix `group`)."""
        mode = 0o660 if group else 0o600
        try:
            if not path.exists():
                path.parent.mkdir(mode=0o700 | (0o070 if group else 0), parents=True, exist_ok=True)
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, mode))
                path.chmod(mode)
                if group:
                    import shutil

                    shutil.chown(path, group=group)
        except (OSError, LookupError) as error:
            raise WriteError(
                f"cannot make the store {path}: {error}", hint="see [store] url and group"
            ) from None
        database = cls._connect(f"{path.absolute().as_uri()}?mode=rw", str(path))
        database._path = path
        with database._guard():
            connection = database._connection
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
        database.migrate()
        return database

    @classmethod
    def copy_in_memory(cls, path: Path | None) -> SqliteDatabase:
        """A copy of the file for a dry run: nothing is written to the disk, not even a journal."""
        memory = cls._connect(":memory:", "(dry run)")
        if path is not None and path.exists():
            wal = path.with_name(path.name + "-wal")
            # Without a live journal the file is complete by itself; opening it any other way would
            # leave new -wal and -shm files behind. With one, its index is only read, or made in memory.
            idle = not wal.exists() or wal.stat().st_size == 0
            uri = f"{path.absolute().as_uri()}?mode=ro&" + ("immutable=1" if idle else "readonly_shm=1")
            source = cls._connect(uri, str(path))
            with source._guard():
                source._connection.backup(memory._connection)
            source.close()
        memory._connection.execute("PRAGMA foreign_keys = ON")
        memory.migrate()
        return memory

    @classmethod
    def _connect(cls, uri: str, where: str) -> SqliteDatabase:
        try:
            connection = sqlite3.connect(
                uri, uri=True, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise _failure(error, where) from None
        return cls(connection, where)

    # ------------------------------------------------------------------ statements

    def run(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        with self._guard():
            return self._connection.execute(sql, parameters).rowcount

    def insert(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        with self._guard():
            return int(self._connection.execute(sql, parameters).lastrowid or 0)

    def one(self, sql: str, parameters: Sequence[Value] = ()) -> Row | None:
        with self._guard():
            row: Row | None = self._connection.execute(sql, parameters).fetchone()
            return row

    def all(self, sql: str, parameters: Sequence[Value] = ()) -> list[Row]:
        with self._guard():
            return [*self._connection.execute(sql, parameters)]

    def _begin(self) -> None:
        with self._guard():
            self._connection.execute("BEGIN IMMEDIATE")

    def _commit(self) -> None:
        with self._guard():
            self._connection.execute("COMMIT")

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _failure(error, self.where) from error

    @contextmanager
    def account_lock(self, account: str) -> Iterator[None]:
        if self._path is None:
            raise TriageError(f"the store {self.where} is a copy: nothing runs on it")
        path = self._path.with_name(f"{self._path.name}.{account}.lock")
        try:
            handle = os.open(path, os.O_CREAT | os.O_RDWR, self._path.stat().st_mode & 0o660)
        except OSError as error:
            raise WriteError(f"cannot write {path}: {error.strerror}") from None
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise busy(account) from None
            yield
        finally:
            os.close(handle)

    def version(self) -> int:
        return self.number("PRAGMA user_version")

    def _set_version(self, version: int) -> None:
        self.run(f"PRAGMA user_version = {version}")

    def _statements(self, script: str) -> Iterator[str]:
        statement = ""
        for line in script.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                yield statement
                statement = ""

    # ------------------------------------------------------------------ the file

    def backup(self, target: Path) -> None:
        # `cp` of a live WAL store would be torn.
        if target.exists():
            raise InputError(f"{target} exists already", hint="name a new file")
        try:
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            target.unlink()
            old = os.umask(0o077)
            try:
                with self._guard():
                    self._connection.execute("VACUUM INTO ?", (str(target),))
            finally:
                os.umask(old)
        except OSError as error:
            raise WriteError(f"cannot write {target}: {error.strerror}") from None

    def integrity(self) -> str:
        row = self.one("PRAGMA quick_check")
        return str(row[0]) if row else "no answer"

    def close(self) -> None:
        self._connection.close()

    def trace(self, callback: Callable[[str], None] | None) -> None:
        """Show each statement to `callback` (for tests and benchmarks)."""
        self._connection.set_trace_callback(callback)
