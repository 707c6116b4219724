"""config.toml → a frozen `Config`, every problem reported at once, by key and line.

    config = load(find(options.config, os.environ))

`[accounts.NAME.replies]`, `.calling` and `.routing` override the global tables key by
key; each `Account` carries them resolved. Relative paths are relative to the file.
This package costs the import of pydantic: import it where a configuration is needed.
config.example.toml documents every key; a test compares it with the defaults.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from triage.config.lines import line_numbers, line_of
from triage.config.problems import account_problems, model_problems
from triage.config.tables import OVERRIDABLE, Account, Config
from triage.errors import ConfigError

__all__ = ["Account", "Config", "find", "load", "starter"]


def find(explicit: str | Path | None, environ: Mapping[str, str]) -> Path:
    """The configuration's path: --config, else TRIAGE_CONFIG, else the XDG folder."""
    if named := explicit or environ.get("TRIAGE_CONFIG"):
        try:
            return Path(named).expanduser()
        except RuntimeError:
            raise ConfigError(f"{named}: begins with the home of nobody known here") from None
    if xdg := environ.get("XDG_CONFIG_HOME"):
        return Path(xdg) / "triage" / "config.toml"
    import platformdirs

    return platformdirs.user_config_path("triage") / "config.toml"


def load(path: Path) -> Config:
    """Reads and checks the configuration.

    Raises ConfigError; its message has one line a problem, `FILE:LINE: key: problem`.
    """
    path = path.absolute()
    try:
        text = path.read_text(encoding="utf-8-sig")
        tables = tomllib.loads(text)
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file", hint="triage init writes one") from None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        what, _, place = str(error).rpartition(" (at ")
        found_line = re.match(r"line (\d+)", place)
        line = found_line[1] if found_line else text.count("\n") + 1  # "at end of document"
        raise ConfigError(f"{path}:{line}: not TOML: {what}") from None

    problems = list(account_problems(tables))
    resolved = _resolve(tables)
    try:
        config = Config.model_validate(resolved, context={"folder": path.parent})
    except ValidationError as error:
        problems += model_problems(error, tables)
    if problems:
        lines = line_numbers(text)
        found = sorted({(line_of(key, lines), ".".join(map(str, key)), what) for key, what in problems})
        raise ConfigError("\n".join(f"{path}:{line}: {key}: {what}" for line, key, what in found))
    return config.model_copy(update={"path": path})


def _resolve(tables: Mapping[str, Any]) -> dict[str, Any]:
    """The tables as the models want them: the global ones carried into each account."""
    accounts = tables.get("accounts")
    if not isinstance(accounts, dict):
        return {**tables}
    return {
        **tables,
        "accounts": {name: _resolve_account(name, table, tables) for name, table in accounts.items()},
    }


def _resolve_account(name: str, table: object, tables: Mapping[str, Any]) -> object:
    if not isinstance(table, dict):
        return table
    account = {**table, "name": name}
    for key in OVERRIDABLE:
        shared, own = tables.get(key, {}), table.get(key, {})
        if isinstance(shared, dict) and isinstance(own, dict):
            account[key] = {**shared, **own}
    if table.get("security") in ("starttls", "none"):
        account.setdefault("port", 143)
    match account:
        case {"addresses": [str(first), *_], "replies": dict(replies)} if not replies.get("from_address"):
            replies["from_address"] = first
    return account


def starter(
    *,
    account: str = "support",
    host: str,
    username: str,
    address: str,
    password_env: str = "TRIAGE_PASSWORD",  # noqa: S107 - a variable's name
    port: int = 993,
    security: str = "tls",
    ca_file: str = "",
    drafts: str = "",
    sent: Sequence[str] = (),
    from_name: str = "",
    timezone: str = "Europe/London",
) -> str:
    """A small config.toml that `load` takes as it is."""

    def quoted(value: object) -> str:
        return json.dumps(value, ensure_ascii=False)  # TOML's strings and lists of them are JSON's

    found = {"ca_file": ca_file, "drafts": drafts, "sent": list(sent)}
    return "\n".join(
        [
            "# Every key, its default and what it does: config.example.toml, docs/reference/configuration.md",
            f"[accounts.{account}]",
            f"host = {quoted(host)}",
            f"port = {port}",
            f"security = {quoted(security)}",
            f"username = {quoted(username)}",
            f"password_env = {quoted(password_env)}",
            f"addresses = [{quoted(address)}]",
            *(f"{key} = {quoted(value)}" for key, value in found.items() if value),
            *(["", f"[accounts.{account}.replies]", f"from_name = {quoted(from_name)}"] if from_name else []),
            "",
            "[team]",
            f"timezone = {quoted(timezone)}",
            "",
        ]
    )
