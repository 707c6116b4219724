"""One SQLite connection: transactions, migrations, and what can go wrong, as triage's errors.

WAL with synchronous=FULL: an acknowledged commit survives a power loss. Transactions are
BEGIN IMMEDIATE, so that a reader never has to upgrade (which SQLite refuses at once).
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from triage.errors import BusyError, InputError, SchemaError, TriageError, WriteError
from triage.store.schema import MIGRATIONS, VERSION

Row = sqlite3.Row
Value = str | int | float | bytes | None

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


class Database:
    """A thin wrapper over `sqlite3`: rows by name, nested transactions, clear errors."""

    def __init__(self, connection: sqlite3.Connection, where: str) -> None:
        self._connection = connection
        self._depth = 0
        self.where = where
        connection.row_factory = sqlite3.Row

    # ------------------------------------------------------------------ opening

    @classmethod
    def open(cls, path: Path, *, group: str = "") -> Database:
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
        with database._guard():
            connection = database._connection
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
        database.migrate()
        return database

    @classmethod
    def copy_in_memory(cls, path: Path | None) -> Database:
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
    def _connect(cls, uri: str, where: str) -> Database:
        try:
            connection = sqlite3.connect(
                uri, uri=True, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise _failure(error, where) from None
        return cls(connection, where)

    def migrate(self) -> None:
        """Bring the tables to `VERSION`, each step in one transaction.

        Raises:
            SchemaError: a newer triage wrote this store.
        """
        if self.version() == VERSION:
            return
        with self.transaction():
            version = self.version()
            if version > VERSION:
                raise SchemaError(
                    f"the store {self.where} has schema {version}; this triage knows up to {VERSION}",
                    hint="a newer triage wrote it: upgrade triage on this machine too",
                )
            for script in MIGRATIONS[version:]:
                for statement in _statements(script):
                    self.run(statement)
            if version == 0:
                self.run("INSERT INTO meta (key, value) VALUES ('store_key', ?)", (secrets.token_hex(32),))
            self.run(f"PRAGMA user_version = {VERSION}")

    def version(self) -> int:
        row = self.one("PRAGMA user_version")
        return int(row[0]) if row else 0

    # ------------------------------------------------------------------ statements

    def run(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        """Execute one statement; the number of rows it changed."""
        with self._guard():
            return self._connection.execute(sql, parameters).rowcount

    def insert(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        """Execute one INSERT; the new row's id."""
        with self._guard():
            return int(self._connection.execute(sql, parameters).lastrowid or 0)

    def one(self, sql: str, parameters: Sequence[Value] = ()) -> Row | None:
        with self._guard():
            row: Row | None = self._connection.execute(sql, parameters).fetchone()
            return row

    def all(self, sql: str, parameters: Sequence[Value] = ()) -> list[Row]:
        with self._guard():
            return self._connection.execute(sql, parameters).fetchall()

    def number(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        row = self.one(sql, parameters)
        return int(row[0] or 0) if row else 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; an inner transaction is part of the outer one."""
        if self._depth == 0:
            with self._guard():
                self._connection.execute("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if self._depth == 0 and self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        self._depth -= 1
        if self._depth == 0:
            try:
                with self._guard():
                    self._connection.execute("COMMIT")
            except TriageError:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _failure(error, self.where) from error

    # ------------------------------------------------------------------ the file

    def backup(self, target: Path) -> None:
        """A consistent copy into a new file (`cp` of a live WAL store would be torn)."""
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


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
