"""A database as the records use it: statements, nested transactions, migrations, an account's lock.

`sqlite` and `postgres` are the two that there are. The SQL is the same for both, written for
SQLite: `?` for values, BIGINT for instants (milliseconds since 1970 in UTC) and truth values.
"""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

from triage.errors import BusyError, InputError, SchemaError, TriageError
from triage.store.schema import MIGRATIONS, TABLES, VERSION

Value = str | int | float | bytes | None


class Row(Protocol):
    """A row, by column name or by place."""

    def __getitem__(self, key: Any, /) -> Any: ...

    def keys(self) -> Any: ...


class Database(ABC):
    """One connection: rows by name, nested transactions, clear errors."""

    where: str  # what it is called in messages; never with a password
    _depth = 0

    # ------------------------------------------------------------------ statements

    @abstractmethod
    def run(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        """Execute one statement; the number of rows it changed."""

    @abstractmethod
    def insert(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        """Execute one INSERT; the new row's id."""

    @abstractmethod
    def one(self, sql: str, parameters: Sequence[Value] = ()) -> Row | None: ...

    @abstractmethod
    def all(self, sql: str, parameters: Sequence[Value] = ()) -> list[Row]: ...

    def number(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        row = self.one(sql, parameters)
        return int(row[0] or 0) if row else 0

    # ------------------------------------------------------------------ transactions

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and one writer at a time; an inner transaction is part of the outer one."""
        if self._depth == 0:
            self._begin()
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if self._depth == 0:
                self._roll_back()
            raise
        self._depth -= 1
        if self._depth == 0:
            try:
                self._commit()
            except TriageError:
                self._roll_back()
                raise

    @abstractmethod
    def _begin(self) -> None:
        """Begin a transaction that writes: nobody else writes until its end."""

    @abstractmethod
    def _commit(self) -> None: ...

    @abstractmethod
    def _roll_back(self) -> None:
        """End a transaction, if one is open."""

    # ------------------------------------------------------------------ claims

    skip_locked = ""  # ends a SELECT of what is about to be claimed

    def claiming(self) -> AbstractContextManager[None]:
        """A transaction that claims a ticket; where the database can, beside other claims."""
        return self.transaction()

    def hold(self, name: str, *, wait: bool = False) -> bool:  # noqa: ARG002 - one writer: it is ours
        """Keep a name to oneself until the end of the transaction; False if another has it."""
        return True

    @abstractmethod
    def account_lock(self, account: str) -> AbstractContextManager[None]:
        """A lock that ends with its holder, however that ends. Raises BusyError if it is held."""

    # ------------------------------------------------------------------ migrations

    @abstractmethod
    def version(self) -> int:
        """The schema's; 0 for an empty database."""

    @abstractmethod
    def _set_version(self, version: int) -> None: ...

    @abstractmethod
    def _statements(self, script: str) -> Iterator[str]:
        """The statements of a migration, as this database writes them."""

    def migrate(self) -> None:
        """Bring the tables to `VERSION`, all steps in one transaction.

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
                for statement in self._statements(script):
                    self.run(statement)
            self.ids_go_on("draft")  # version 4 copied them with their ids
            if version == 0:
                self.run("INSERT INTO meta (key, value) VALUES ('store_key', ?)", (secrets.token_hex(32),))
            self._set_version(VERSION)

    # ------------------------------------------------------------------ as a whole

    @abstractmethod
    def backup(self, target: Path) -> None:
        """A consistent copy as a new SQLite file. Raises InputError if the file exists, WriteError."""

    def ids_go_on(self, table: str) -> None:  # noqa: B027 - SQLite does so by itself
        """After rows were copied with their ids: new ones follow the highest."""

    @abstractmethod
    def integrity(self) -> str:
        """ "ok", or what is wrong."""

    @abstractmethod
    def close(self) -> None: ...


def busy(account: str) -> BusyError:
    """Another run holds an account's lock."""
    return BusyError(
        f"account {account}: another run is at work", hint="nothing to do: it takes in the same mail"
    )


def copy_records(source: Database, target: Database) -> dict[str, int]:
    """Every row of one store into another that is empty, ids and all; rows by table.

    Raises InputError if the target holds records already.
    """
    counts: dict[str, int] = {}
    with target.transaction():
        for table in TABLES:
            if table != "meta" and target.number(f"SELECT count(*) FROM {table}"):
                raise InputError(f"the store {target.where} holds records already", hint="name an empty one")
        for table in TABLES:
            rows = source.all(f"SELECT * FROM {table}")
            if table == "meta":
                rows = [row for row in rows if row["key"] != "schema"]
                target.run("DELETE FROM meta WHERE key <> 'schema'")
            names = [*rows[0].keys()] if rows else []
            marks = ", ".join("?" * len(names))
            for row in rows:
                values = [row[name] for name in names]
                target.run(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", values)
            counts[table] = len(rows)
            if "id" in names:
                target.ids_go_on(table)
    return counts
