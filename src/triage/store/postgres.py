"""The store in PostgreSQL: for several machines and many agents at one desk.

The records write their SQL for SQLite; what differs is put into PostgreSQL's words here. One
advisory lock for each schema makes writers take turns, as SQLite's file does: transactions are
short, and their order is the same for all. Claims share that lock among themselves: each takes
the best ticket that no other claim has locked (SKIP LOCKED). A run holds its account by a second, session-wide
advisory lock on the connection that does its commits: if the lock is lost, so is the connection,
and nothing more is committed.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from triage.errors import BusyError, ConfigError, InputError, NetworkError, TriageError
from triage.store.database import Database, Row, Value, busy, copy_records
from triage.store.sqlite import SqliteDatabase

BUSY = "10s"
_WRITERS = 0x7472  # the advisory lock of all writers; an account's is its name's checksum
_CONNECT_SECONDS = 10


class _Row(tuple[Any, ...]):
    """A row by column name or by place, as sqlite3.Row is."""

    _names: dict[str, int]

    def __getitem__(self, key: Any) -> Any:
        return tuple.__getitem__(self, self._names[key] if isinstance(key, str) else key)

    def keys(self) -> list[str]:
        return [*self._names]


class PostgresDatabase(Database):
    """A thin wrapper over `psycopg`."""

    def __init__(self, connection: Any, where: str) -> None:
        self._connection = connection
        self.where = where
        self._claims = False

    @classmethod
    def open(cls, url: str) -> PostgresDatabase:
        """Connect, and bring the tables up to date.

        Raises:
            ConfigError: the `postgres` extra is missing, or the server refuses the login.
            NetworkError: the server cannot be reached.
        """
        try:
            import psycopg
        except ImportError:
            raise ConfigError(
                "a PostgreSQL store needs psycopg",
                hint="pip install 'triage-desk[postgres]'",
                code="missing_extra",
            ) from None
        shown = urlsplit(url)
        where = f"postgresql://{shown.hostname or ''}{shown.path}"
        try:
            connection = psycopg.connect(
                url, autocommit=True, connect_timeout=_CONNECT_SECONDS, row_factory=_rows
            )
        except psycopg.OperationalError as error:
            said = " ".join(str(error).split())
            if "password" in said or "authentication" in said or "does not exist" in said:
                raise ConfigError(f"the store {where} refuses us: {said}", hint="see [store] url") from None
            raise NetworkError(f"the store {where} cannot be reached: {said}") from None
        database = cls(connection, where)
        database.run(f"SET lock_timeout = '{BUSY}'")
        database.migrate()
        return database

    # ------------------------------------------------------------------ statements

    def _execute(self, sql: str, parameters: Sequence[Value]) -> Any:
        with self._guard():
            return self._connection.execute(_translated(sql), [_plain(value) for value in parameters])

    def run(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        return int(self._execute(sql, parameters).rowcount)

    def insert(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        row = self._execute(f"{sql} RETURNING id", parameters).fetchone()
        return int(row[0]) if row else 0

    def one(self, sql: str, parameters: Sequence[Value] = ()) -> Row | None:
        found: Row | None = self._execute(sql, parameters).fetchone()
        return found

    def all(self, sql: str, parameters: Sequence[Value] = ()) -> list[Row]:
        return [*self._execute(sql, parameters)]

    skip_locked = " FOR UPDATE SKIP LOCKED"

    @contextmanager
    def claiming(self) -> Iterator[None]:
        """Claims go side by side: each locks its ticket and its requester, none waits for another."""
        self._claims = self._depth == 0
        with self.transaction():
            yield

    def hold(self, name: str, *, wait: bool = False) -> bool:
        lock = "hashtext(current_schema || ?)"
        if wait:
            self.run(f"SELECT pg_advisory_xact_lock({lock})", (name,))
            return True
        held = self.one(f"SELECT pg_try_advisory_xact_lock({lock})", (name,))
        return held is not None and bool(held[0])

    def _begin(self) -> None:
        lock = "pg_advisory_xact_lock_shared" if self._claims else "pg_advisory_xact_lock"
        self._claims = False
        self.run("BEGIN")
        try:
            self.run(f"SELECT {lock}(?, hashtext(current_schema))", (_WRITERS,))
        except TriageError:
            self._roll_back()
            raise

    def _commit(self) -> None:
        self.run("COMMIT")

    def _roll_back(self) -> None:
        from psycopg.pq import TransactionStatus

        if self._connection.info.transaction_status not in (
            TransactionStatus.IDLE,
            TransactionStatus.UNKNOWN,
        ):
            self.run("ROLLBACK")

    @contextmanager
    def _guard(self) -> Iterator[None]:
        import psycopg

        try:
            yield
        except psycopg.errors.LockNotAvailable:
            raise BusyError(
                f"the store {self.where} is busy", hint="another command is writing to it; try again"
            ) from None
        except psycopg.OperationalError as error:
            said = " ".join(str(error).split())
            raise NetworkError(f"the store {self.where} was lost: {said}", hint="try again") from None
        except psycopg.Error as error:
            said = " ".join(str(error).split())
            raise TriageError(f"the store {self.where} refused a command: {said}") from error

    @contextmanager
    def account_lock(self, account: str) -> Iterator[None]:
        key = zlib.crc32(account.encode()) - (1 << 31)
        held = self.one("SELECT pg_try_advisory_lock(hashtext(current_schema), ?)", (key,))
        if held is None or not held[0]:
            raise busy(account)
        try:
            yield
        finally:
            if not self._connection.closed:
                self.run("SELECT pg_advisory_unlock(hashtext(current_schema), ?)", (key,))

    # ------------------------------------------------------------------ migrations

    def version(self) -> int:
        if not self.number(
            "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema AND tablename = 'meta'"
        ):
            return 0
        row = self.one("SELECT value FROM meta WHERE key = 'schema'")
        return int(row[0]) if row else 0

    def _set_version(self, version: int) -> None:
        self.run(
            "INSERT INTO meta (key, value) VALUES ('schema', ?)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (str(version),),
        )

    def _statements(self, script: str) -> Iterator[str]:
        words = re.sub(r"--[^\n]*", "", script)
        words = words.replace("INTEGER PRIMARY KEY", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY")
        # Binary order, as in SQLite: a list looks the same from both.
        words = re.sub(r"\bTEXT\b", 'TEXT COLLATE "C"', words).replace(" BLOB", " BYTEA")
        yield from (statement for statement in words.split(";") if statement.strip())

    # ------------------------------------------------------------------ as a whole

    def backup(self, target: Path) -> None:
        if target.exists():
            raise InputError(f"{target} exists already", hint="name a new file")
        copy = SqliteDatabase.open(target)
        try:
            self.copy_into(copy)
        except BaseException:
            copy.close()
            for left in (target, *(target.with_name(target.name + end) for end in ("-wal", "-shm"))):
                left.unlink(missing_ok=True)
            raise
        copy.run("PRAGMA journal_mode = DELETE")
        copy.close()

    def copy_into(self, other: Database) -> None:
        """All records, as they are at one moment, into an empty store."""
        self.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            copy_records(self, other)
        finally:
            self._roll_back()

    def ids_go_on(self, table: str) -> None:
        self.run(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")

    def integrity(self) -> str:
        return "ok" if self.one("SELECT 1") else "no answer"

    def close(self) -> None:
        self._connection.close()


def dry_copy(url: str) -> SqliteDatabase:
    """A copy in memory, for a dry run: nothing is written to the server."""
    memory = SqliteDatabase.copy_in_memory(None)
    source = PostgresDatabase.open(url)
    try:
        source.copy_into(memory)
    finally:
        source.close()
    return memory


# --------------------------------------------------------------------------- in PostgreSQL's words


@lru_cache(maxsize=500)
def _translated(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")


def _plain(value: Value) -> Value:
    """A value as the columns hold it: truth as a number, an enumeration as its word."""
    if isinstance(value, bool):
        return int(value)
    return str(value) if isinstance(value, str) else value


def _rows(cursor: Any) -> Any:
    """For psycopg: makes rows that can be asked by name and by place."""
    names = {column.name: place for place, column in enumerate(cursor.description or ())}
    kind = type("Row", (_Row,), {"_names": names})

    def made(values: Sequence[Any]) -> Any:
        return kind(bytes(v) if isinstance(v, memoryview) else v for v in values)

    return made
