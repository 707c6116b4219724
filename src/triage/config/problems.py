"""What is wrong with a configuration, in words, with the key where it stands."""

from __future__ import annotations

import difflib
import typing
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from triage.config.lines import Key
from triage.config.tables import Config
from triage.secret import SecretKind

SECRET_KEYS = tuple(kind.value for kind in SecretKind)
NOT_KEYS = ("path", "name")  # of Config and Account: known without standing in the file

Problem = tuple[Key, str]


def account_problems(tables: Mapping[str, Any]) -> Iterator[Problem]:
    """What a model cannot say of itself while other keys of it are wrong."""
    if "path" in tables:
        yield ("path",), "unknown key"
    accounts = tables.get("accounts", {})
    if not accounts:
        yield ("accounts",), "should have at least one account: [accounts.NAME]"
    for name, account in accounts.items() if isinstance(accounts, dict) else ():
        if not isinstance(account, dict):
            continue
        if "name" in account:
            yield ("accounts", name, "name"), "unknown key: the name stands in [accounts.NAME]"
        if "password" in account:
            yield (
                ("accounts", name, "password"),
                f"a password does not belong in this file: use one of {', '.join(SECRET_KEYS)}",
            )
        elif sum(bool(account.get(key)) for key in SECRET_KEYS) != 1:
            yield ("accounts", name), f"should have exactly one of {', '.join(SECRET_KEYS)}"


_WORDS = {
    "missing": "is missing",
    "tuple_type": "should be a list",
    "frozen_set_type": "should be a list",
    "model_type": "should be a table",
    "mapping_type": "should be a table",
    "string_type": "should be a text in quotes",
    "bool_type": "should be true or false",
    "int_type": "should be a whole number",
}


def model_problems(error: ValidationError, tables: Mapping[str, Any]) -> Iterator[Problem]:
    for detail in error.errors(include_url=False, include_input=False):
        key: Key = detail["loc"]
        match key:
            case ("accounts", name, ("replies" | "calling" | "routing") as part, *rest) if rest:
                if rest[0] not in tables["accounts"][name].get(part, {}):
                    continue  # inherited: reported at the global table
            case ("accounts", _, "name"):
                key = key[:2]  # [accounts.NAME] itself
            case ("accounts", _, "password"):
                continue  # said already
        if detail["type"] == "extra_forbidden":
            near = difflib.get_close_matches(str(key[-1]), _keys_beside(key), n=1)
            yield key, f"unknown key, did you mean {near[0]}?" if near else "unknown key"
        else:
            words = detail["msg"].removeprefix("Value error, ").replace("Input should", "should", 1)
            yield key, _WORDS.get(detail["type"], words)


def _keys_beside(key: Key) -> Iterable[str]:
    """The keys that are known in the table where `key` stands."""
    model: type[BaseModel] = Config
    for part in key[:-1]:
        field = next((f for n, f in model.model_fields.items() if (f.alias or n) == part), None)
        model = (_model_in(field.annotation) if field else None) or model
    return [field.alias or name for name, field in model.model_fields.items() if name not in NOT_KEYS]


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, typing.get_args(annotation))), None)
