"""`triage schema`: the JSON Schema (2020-12) of what each command prints with --json.

schemas/COMMAND.json describes a command's `data`; _shared.json holds the definitions
that several of them use and the envelope around all of them.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

import typer

from triage.cli.app import CommandLine, Panel
from triage.cli.output import Result, dumps
from triage.errors import NotFoundError

Schema = dict[str, Any]


def register(line: CommandLine) -> None:
    line.add("schema", schema, panel=Panel.SETUP, example="triage schema calls list")


def schema(
    command: Annotated[
        list[str] | None, typer.Argument(help="The command's words.", show_default=False)
    ] = None,
) -> Result:
    """Prints the JSON Schema of what a command prints with --json, or lists the commands."""
    if not command:
        listed = [{"command": name, "schema": f"triage/{name}/1"} for name in names()]
        return Result(data=listed, text="\n".join(names()))
    document = load("-".join(command))
    return Result(data=document, text=dumps(document, indent=2))


@cache
def names() -> tuple[str, ...]:
    """The commands that have a schema: their words joined by "-"."""
    found = (entry.name for entry in files("triage.cli").joinpath("schemas").iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in found if not name.startswith("_")))


def load(name: str) -> Schema:
    """The schema of the whole object that a command prints. Raises NotFoundError."""
    if name not in names():
        raise NotFoundError(f"no command {name} with a schema", hint="triage schema lists them")
    shared, data = _read("_shared"), _read(name)
    title, description = f"triage/{name}/1", data.pop("description")
    definitions = {**shared["$defs"], "data": data}
    used = _used(definitions, "data")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "description": description,
        **shared["envelope"],
        "properties": {"schema": {"const": title}, **shared["envelope"]["properties"]},
        "$defs": {key: definitions[key] for key in sorted({"data", "problem", *used})},
    }


def _read(name: str) -> Schema:
    text = files("triage.cli").joinpath("schemas", f"{name}.json").read_text(encoding="utf-8")
    document: Schema = json.loads(text)
    return document


def _used(definitions: Schema, start: str) -> set[str]:
    """The names of the definitions that `start` leads to."""
    used: set[str] = set()
    pending = [start]
    while pending:
        text = json.dumps(definitions[pending.pop()])
        found = {name for name in definitions if f'"#/$defs/{name}"' in text} - used
        used |= found
        pending += found
    return used
