"""Writes what the code itself can tell: docs/reference, and the figures of the model card.

Run it with `make docs`, or

python docs/generate.py          write them
python docs/generate.py --check  name those that are out of date; exit 1 if there are any
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"
MODEL_CARD = ROOT / "docs" / "explanation" / "ranking.md"
TRAINED = ROOT / "src" / "triage" / "ranking" / "weights" / "model.toml"


def pages() -> dict[Path, str]:
    """Every generated page and its text."""
    written: dict[str, Callable[[], str]] = {
        "commands.md": commands_page,
        "configuration.md": configuration_page,
        "exit-codes.md": exit_codes_page,
        "grounds.md": grounds_page,
        "json.md": json_page,
    }
    return {
        **{REFERENCE / name: write() for name, write in written.items()},
        MODEL_CARD: model_card(),
    }


def main() -> int:
    written = pages()
    stale = [p for p, text in written.items() if not p.exists() or p.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is out of date: make docs", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.write_text(written[path], encoding="utf-8")
        print(f"{path.relative_to(ROOT)} is written anew")
    return 0


def _page(title: str, source: str, *blocks: str) -> str:
    remark = f"<!-- Written by docs/generate.py from {source}. Do not edit it: change the source, then `make docs`. -->"
    return "\n\n".join([f"# {title}", remark, *(block.strip("\n") for block in blocks if block)]) + "\n"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


# --------------------------------------------------------------------------- commands


def leaves() -> Iterator[tuple[str, Any, str]]:
    """(words, command, panel) of every command, in the order of `triage --help`."""
    from triage.cli.app import build

    root = build()
    for name, command in root.commands.items():
        panel = str(command.rich_help_panel)
        if hasattr(command, "commands"):
            for below, leaf in command.commands.items():
                yield f"{name} {below}", leaf, panel
        else:
            yield name, command, panel


def commands_page() -> str:
    from triage.cli.app import Panel

    found = list(leaves())
    common = [p for p in found[0][1].params if p.rich_help_panel == "Common options"]
    blocks = [
        "Every command takes the common options, before and after its name. Data goes to stdout, everything"
        " else to stderr. With `--json` a command prints [exactly one object](json.md). How it ended is told by"
        " its [exit code](exit-codes.md). No command but `init` ever asks a question, and `init` asks only at a"
        " terminal.",
        "## Common options",
        _table(("option", "meaning"), [(_names(p), p.help or "") for p in common]),
        "`triage --version` prints the version; `triage --install-completion` sets up the shell.",
    ]
    for panel in Panel:
        blocks.append(f"## {panel.value}")
        for words, command, place in found:
            if place == panel.value:
                blocks += _command(words, command)
    return _page("Commands", "the command line", *blocks)


def _command(words: str, command: Any) -> Iterator[str]:
    own = [p for p in command.params if getattr(p, "rich_help_panel", None) != "Common options"]
    arguments = [p for p in own if p.param_type_name == "argument"]
    given = [p for p in own if p.param_type_name == "option"]
    usage = " ".join([f"triage {words}", *(["[OPTIONS]"] * bool(given)), *map(_placeholder, arguments)])
    example = str(command.epilog or "").removeprefix("Example: ").replace("\\[", "[")
    yield f"### triage {words}"
    yield " ".join(str(command.help).split())
    yield f"```text\n{usage}\n```"
    rows = [(f"`{_placeholder(p)}`", p.help or "") for p in arguments]
    rows += [(_names(p), _meaning(p)) for p in given]
    if rows:
        yield _table(("", "meaning"), rows)
    yield f"Example: `{example}`"


def _placeholder(argument: Any) -> str:
    name = argument.metavar or argument.name.upper() + ("..." if argument.nargs != 1 else "")
    return name if argument.required or name.startswith("[") else f"[{name}]"


def _names(option: Any) -> str:
    choices = getattr(option.type, "choices", ())
    number = "N" if option.type.name.startswith(("int", "float")) else "TEXT"
    kind = "" if option.is_flag else option.metavar or "|".join(map(str, choices)) or number
    shown = ", ".join(f"`{name}`" for name in option.opts)
    return f"{shown} `{kind}`" if kind else shown


def _meaning(option: Any) -> str:
    help = option.help or ""
    if option.is_flag or option.default in (None, "", ()):
        return help
    return f"{help} Default: `{getattr(option.default, 'value', option.default)}`."


# --------------------------------------------------------------------------- configuration

_KEY = re.compile(r"(#?)([a-z_0-9]+) = (.+)")
_NESTED = re.compile(r"#   (\[\[.+\]\]|([a-z_0-9]+) = .*)")


def configuration_page() -> str:
    text = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    head, *parts = re.split(r"# -{20,}\n", text)
    blocks = [
        _prose(head),
        "The same as a file to copy from: [config.example.toml](../../config.example.toml).",
    ]
    for part in parts:
        blocks += _configuration_table(part)
    return _page("Configuration", "config.example.toml", *blocks)


def _configuration_table(part: str) -> Iterator[str]:
    """One table of the file: the introduction, a row a key, the longer examples below."""
    intro, _, body = part.partition("\n[")
    name, _, body = body.partition("]\n")
    rows: list[tuple[str, str, str]] = []
    examples: list[str] = []
    said: list[str] = []
    open_example = False
    for line in [*body.splitlines(), ""]:
        if nested := _NESTED.match(line):
            if not open_example:
                key = nested[2] or nested[1].strip("[]").rpartition(".")[2]
                rows.append((f"`{key}`", "none", " ".join(said).rstrip(":") + " (see below)"))
                examples.append("")
            examples[-1] += line[4:] + "\n"
            open_example = True
            continue
        if open_example:
            said, open_example = [], False
        if key_line := _KEY.fullmatch(line):
            default = f"`{key_line[3]}`" if key_line[1] else "you must say"
            rows.append((f"`{key_line[2]}`", default, " ".join(said).rstrip(":") or "as above"))
            said = []
        elif line.startswith("# "):
            said.append(line[2:])
    yield f"## [{name.replace('accounts.support', 'accounts.NAME')}]"
    yield _prose(intro)
    yield _table(("key", "default", "meaning"), rows)
    for example in examples:
        yield f"```text\n{example}```"
    if said:
        yield " ".join(said)


def _prose(comment: str) -> str:
    lines = [line.removeprefix("#").strip() for line in comment.strip().splitlines()]
    return "\n\n".join(" ".join(p.split("\n")) for p in "\n".join(lines).split("\n\n"))


# --------------------------------------------------------------------------- exit codes


def exit_codes_page() -> str:
    from triage import errors
    from triage.errors import Exit

    kinds = {
        name: kind
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.TriageError)
    }
    words = {(kind.exit, kind.code) for kind in kinds.values()} | {(Exit.INTERRUPTED, "interrupted")}
    words |= {(kinds[name].exit, word) for name, word in _special_codes() if name in kinds}
    rows = [
        (str(int(code)), errors.MEANING[code], ", ".join(f"`{w}`" for e, w in sorted(words) if e is code))
        for code in Exit
    ]
    first = ", ".join(str(int(code)) for code in errors.WORST_FIRST)
    return _page(
        "Exit codes",
        "src/triage/errors.py",
        "They follow BSD's `sysexits.h` where it has one. The code words stand in `errors` of the"
        " [JSON](json.md); more specific ones may be added, those that are here do not change.",
        _table(("exit", "meaning", "code words"), rows),
        f"`triage run` goes through all accounts, whatever happens to one of them; the first of {first} that"
        " is present is its exit code. An account that another run is working on is skipped; the exit code is"
        " 75 only if all were.",
        "With `--quiet`, a fault that may pass by itself (exit 75) is silent, and the exit code 0, until it"
        " has lasted `alerts.after`. See [cron](../how-to/cron.md).",
    )


def _special_codes() -> Iterator[tuple[str, str]]:
    """(error class, code word) wherever the source raises one with a code of its own."""
    for file in sorted((ROOT / "src" / "triage").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                for keyword in node.keywords:
                    if keyword.arg == "code" and isinstance(keyword.value, ast.Constant):
                        yield node.func.id, str(keyword.value.value)


# --------------------------------------------------------------------------- grounds

_TICKETED = {
    "call": "its score reaches `routing.call_threshold`, or one of its cues always calls",
    "joined": "its requester has an open ticket: the mail joins it",
    "reopened": "its requester's ticket was resolved in the last days: it is open again",
    "voicemail": "a configured source says that it is a voicemail",
    "solved": "its requester has an open ticket and says that the matter is settled: an agent decides",
}
_OTHERS = {
    "drafted": {"reply": "a holding reply is fine"},
    "quarantined": {"unreadable": "it could not be read, or failed three times; a person is told"},
    "uncertain": {"append_interrupted": "its draft may or may not be in Drafts; a person is told"},
}


def grounds_page() -> str:
    from triage.intake.automatic import GROUNDS
    from triage.routing import LEFT_ALONE, OWED

    def table(words: dict[str, str]) -> str:
        return _table(("ground", "what it means"), [(f"`{word}`", said) for word, said in words.items()])

    return _page(
        "Grounds",
        "src/triage/routing.py and src/triage/intake/automatic.py",
        "Every message has one [disposition](../glossary.md) and a ground, the word for why."
        " `triage messages list` shows both, `triage explain` the sentence.",
        "## ticketed: it is in the call queue",
        table(_TICKETED),
        "## drafted, uncertain, quarantined",
        _table(
            ("disposition", "ground", "what it means"),
            [(name, f"`{word}`", said) for name, words in _OTHERS.items() for word, said in words.items()],
        ),
        "## owed: a person must answer, and no draft is made",
        table(OWED),
        "## left alone: nobody waits for an answer to it",
        table(LEFT_ALONE),
        "## left alone, automated: no draft may answer it",
        "It is left alone with one of these grounds, the first that fits. Two exceptions:"
        " `suppresses_auto_response` alone does not prove a machine, so such mail is ranked, called and owed"
        " like any other and only gets no draft; and mail that speaks of a danger to life is owed, with the"
        " ground `danger_automated`.",
        table({word: said for word, said in GROUNDS.items() if word != "ours"}),
    )


# --------------------------------------------------------------------------- the model card

FIGURES = ("<!-- figures: written by docs/generate.py from the weights -->", "<!-- end of figures -->")


def model_card() -> str:
    """The page as it is, with the figures between its two marks written anew."""
    page = MODEL_CARD.read_text(encoding="utf-8")
    before, start, rest = page.partition(FIGURES[0])
    _, end, after = rest.partition(FIGURES[1])
    if not (start and end):
        raise ValueError(f"{MODEL_CARD} lost its marks: {FIGURES}")
    return f"{before}{start}\n{_figures()}\n{end}{after}"


def _figures() -> str:
    """What `triage train` measured: a table a group of figures, a row a set."""
    import tomllib

    trained = tomllib.loads(TRAINED.read_text(encoding="utf-8")) if TRAINED.is_file() else {}
    figures = trained.get("figures")
    if not figures:
        return "The shipped weights were set by hand; nothing was measured in training."
    said = f"Weights of version {trained['version']}, {trained['date']}, trained on corpus `{trained['corpus']}`."
    groups: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for name, measures in figures.items():
        row = measures if isinstance(measures, dict) else {"value": measures}
        groups.setdefault(tuple(row), []).append((f"`{name}`", *map(_figure, row.values())))
    tables = [
        _table(("set", *(name.replace("_", " ") for name in head)), rows) for head, rows in groups.items()
    ]
    rows = [
        (
            name,
            str(b["messages"]),
            str(b["calls"]),
            f"{b['mean_score']:.0f}",
            _percent(b["calls"], b["messages"]),
        )
        for name, b in trained.get("reliability", {}).items()
    ]
    reliability = _table(("score", "messages", "calls", "mean score", "calls in 100"), rows)
    told = "How far a score is a chance, on natural inboxes that the model had not seen:"
    return "\n\n".join([said, *tables, told, reliability])


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}" if whole else ""


def _figure(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


# --------------------------------------------------------------------------- JSON

Schema = dict[str, Any]


def json_page() -> str:
    import json
    from importlib.resources import files

    from triage.cli import schema

    shared: Schema = json.loads(files("triage.cli").joinpath("schemas", "_shared.json").read_text("utf-8"))
    words = {name.replace(" ", "-"): f"triage {name}" for name, _, _ in leaves()}
    words |= {"version": "triage --version", "error": "a command line that is wrong"}
    shown = [name for name in schema.names() if name in words]
    blocks = [
        "With `--json` a command prints exactly one object on stdout, also when it fails:",
        '```json\n{"schema": "triage/calls-list/1", "ok": true, "data": [], "warnings": [], "errors": []}\n```',
        _table(
            ("field", "type", "meaning"),
            [
                ("`schema`", "string", "`triage/`, the command's words, and the version of its form."),
                *_fields(shared["envelope"]),
            ],
        ),
        "What is absent is `null`; instants are RFC 3339 in UTC; durations are whole seconds; ids carry a letter"
        " (m message, t ticket, d draft, p promise). Fields are added, never renamed or removed within a version."
        " `triage schema calls list` prints the whole JSON Schema of one command.",
        "## What each command prints",
    ]
    for name in shown:
        data: Schema = schema.load(name)["$defs"]["data"]
        blocks += [f"### {words[name]}", f"`triage/{name}/1`: {schema.load(name)['description']}"]
        fields = list(_fields(data))
        blocks.append(_table(("field", "type", "meaning"), fields) if fields else f"`data`: {_type(data)}")
    blocks.append("## What several of them share")
    for name, definition in shared["$defs"].items():
        blocks += [f"### {name}", str(definition.get("description", ""))]
        fields = list(_fields(definition))
        blocks.append(_table(("field", "type", "meaning"), fields) if fields else _type(definition))
    return _page("JSON", "src/triage/cli/schemas", *blocks)


def _fields(schema: Schema, prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """The fields of an object and of the objects in it: (name, type, meaning)."""
    if schema.get("type") == "array" and "$ref" not in schema["items"]:
        yield from _fields(schema["items"], f"{prefix}[]." if prefix else "[].")
        return
    for part in schema.get("allOf", ()):
        if prefix == "" and "$ref" in part:
            yield "…", _type(part), "all of its fields, and:"
    for name, field in schema.get("properties", {}).items():
        yield f"`{prefix}{name}`", _type(field), str(field.get("description", ""))
        items = field.get("items", {})
        below = items if field.get("type") == "array" else field
        yield from _fields(below, f"{prefix}{name}{'[]' if below is items else ''}.")


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name})" if name != "data" else "what the command is about"
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return ", ".join("null" if word is None else f"`{word}`" for word in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    kinds = schema.get("type", "any")
    kind = " or ".join(kinds) if isinstance(kinds, list) else kinds
    if kind == "array":
        return f"list of {_type(schema['items'])}"
    return str(kind)


if __name__ == "__main__":
    sys.exit(main())
