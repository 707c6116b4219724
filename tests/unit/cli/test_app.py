from __future__ import annotations

import json
import logging
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import jsonschema
import pytest
import typer

from triage import errors
from triage.__main__ import main
from triage.cli import app, schema
from triage.cli.app import CommandLine, Panel, options
from triage.cli.output import Result

Run = Callable[..., tuple[int, str, str]]


def echo(ctx: typer.Context, word: str, times: Annotated[int, typer.Option(help="Times.")] = 1) -> Result:
    """Gives back what it was given."""
    logging.getLogger("triage.sample").info("echoing")
    given = options(ctx)
    return Result(data={"word": word, "config": given.config, "quiet": given.quiet}, text=word * times)


def fail(kind: str) -> NoReturn:
    """Raises one error or another."""
    if kind == "bug":
        raise KeyError("a customer's words")
    if kind == "interrupt":
        raise KeyboardInterrupt
    raise getattr(errors, kind)("it is so", hint="do this")


def broken() -> Result:
    """Cannot be shown."""
    return Result(data=object(), text=lambda page: "no such style: {}".format(*()))


def nothing() -> Any:
    """Forgets its result."""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `triage` with some commands made for these tests."""

    def build() -> Any:
        line = CommandLine()
        schema.register(line)
        line.group("sample", "Commands for tests.", panel=Panel.MAIN)
        line.add("sample echo", echo, example="triage sample echo [x]")
        line.add("fail", fail, example="triage fail bug", panel=Panel.RECORDS)
        line.add("broken", broken, example="triage broken", panel=Panel.RECORDS)
        line.add("nothing", nothing, example="triage nothing", panel=Panel.RECORDS)
        return line.command()

    monkeypatch.setattr(app, "build", build)
    monkeypatch.setenv("NO_COLOR", "")

    def invoke(*args: str) -> tuple[int, str, str]:
        code = main(args)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return invoke


def test_a_command_gives_its_data_as_text_or_as_one_json_object(run: Run) -> None:
    assert run("sample", "echo", "hi", "--times", "2") == (0, "hihi\n", "")
    code, out, err = run("sample", "echo", "hi", "--json")
    assert (code, err, out.count("\n")) == (0, "", 1)
    assert json.loads(out) == {
        "schema": "triage/sample-echo/1",
        "ok": True,
        "data": {"word": "hi", "config": None, "quiet": False},
        "warnings": [],
        "errors": [],
    }


@pytest.mark.parametrize(
    "line",
    [
        "--json --config c.toml -q sample echo hi",
        "sample --json --config c.toml -q echo hi",
        "sample echo --json --config c.toml -q hi",
        "sample echo hi --json --config=c.toml --quiet",
        "--json sample -q echo hi --config c.toml",
    ],
)
def test_common_options_count_before_and_after_the_command(run: Run, line: str) -> None:
    code, out, _ = run(*line.split())
    assert code == 0
    assert json.loads(out)["data"] == {"word": "hi", "config": "c.toml", "quiet": True}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "sample",
        "bogus",
        "sample bogus",
        "sample echo",
        "sample echo hi --times many",
        "--bogus",
        "sample echo hi --bogus",
        "sample echo hi --config",
        "fail UsageError",
    ],
)
def test_a_wrong_command_line_is_exit_64_and_with_json_still_one_object(run: Run, line: str) -> None:
    code, _, _ = run(*line.split())
    assert code == 64
    for args in (["--json", *line.split()], *([[*line.split(), "--json"]] if "--config" not in line else [])):
        code, out, err = run(*args)
        answer = json.loads(out)
        assert (code, err, answer["ok"], answer["data"]) == (64, "", False, None)
        assert [problem["code"] for problem in answer["errors"]] == ["usage"]
        assert answer["errors"][0]["message"]


def test_a_json_option_behind_two_dashes_is_a_word(run: Run) -> None:
    assert run("sample", "echo", "--", "--json") == (0, "--json\n", "")
    code, out, err = run("sample", "echo", "--", "--json", "more")
    assert (code, out) == (64, "")
    assert err.startswith("triage: ")


def test_a_mistyped_command_is_answered_with_the_near_one(run: Run) -> None:
    code, out, err = run("schem")
    assert (code, out) == (64, "")
    assert "Did you mean 'schema'?" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (name, error.exit)
        for name, error in vars(errors).items()
        if isinstance(error, type) and issubclass(error, errors.TriageError)
    ],
)
def test_every_error_has_its_exit_code_and_one_line(run: Run, kind: str, code: int) -> None:
    assert run("fail", kind) == (code, "", "triage: it is so (do this)\n")
    got, out, _ = run("fail", kind, "--json")
    assert (got, json.loads(out)["schema"]) == (code, "triage/fail/1")
    assert json.loads(out)["errors"] == [
        {"code": getattr(errors, kind).code, "message": "it is so", "hint": "do this"}
    ]


def test_a_bug_is_exit_70_in_one_line_without_a_mails_words(run: Run) -> None:
    code, out, err = run("fail", "bug")
    assert (code, out) == (70, "")
    assert err.startswith("triage: a bug in triage: KeyError at test_app.py:")
    assert (err.count("\n"), "customer" in err) == (1, False)
    code, out, _ = run("--json", "fail", "bug")
    assert (code, json.loads(out)["errors"][0]["code"]) == (70, "bug")


def test_a_bugs_traceback_is_shown_with_debug_only(run: Run) -> None:
    assert "Traceback" in run("fail", "bug", "--debug")[2]
    assert "Traceback" not in run("fail", "bug", "--verbose")[2]


@pytest.mark.parametrize("line", ["broken", "nothing"])
def test_a_result_that_cannot_be_shown_is_a_bug_too(run: Run, line: str) -> None:
    code, out, err = run(line)
    assert (code, out) == (70, "")
    assert err.startswith("triage: a bug in triage: ")
    code, out, err = run(line, "--json")
    assert (code, json.loads(out)["ok"], err) == (70, False, "")


def test_an_interruption_is_exit_130(run: Run) -> None:
    assert run("fail", "interrupt") == (130, "", "triage: interrupted\n")
    code, out, _ = run("fail", "interrupt", "--json")
    assert (code, json.loads(out)["errors"][0]["code"]) == (130, "interrupted")


def test_verbose_tells_on_stderr_what_is_being_done(run: Run) -> None:
    assert run("sample", "echo", "hi", "-v") == (0, "hi\n", "triage: echoing\n")
    assert run("sample", "echo", "hi") == (0, "hi\n", "")


def test_imapclients_log_with_whole_mails_in_it_stays_silent(run: Run) -> None:
    run("--debug", "sample", "echo", "hi")
    logger = logging.getLogger("imapclient")
    assert not logger.propagate
    assert all(isinstance(handler, logging.NullHandler) for handler in logger.handlers)


def test_help_shows_panels_the_example_and_the_common_options(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert all(title in out for title in ("Common options", "Setup", "Main job", "Records"))
    code, out, _ = run("sample", "echo", "--help")
    assert code == 0
    assert "Example: triage sample echo [x]" in out
    assert "Gives back what it was given." in out
    assert all(option in out for option in ("--config", "--json", "--quiet", "--no-color", "--debug"))


def test_a_group_without_a_command_shows_its_help(run: Run) -> None:
    code, out, _ = run("sample")
    assert code == 64
    assert "Commands for tests." in out


def test_the_version_is_printed(run: Run) -> None:
    code, out, _ = run("--version")
    assert (code, out.split()[0]) == (0, "triage")
    assert json.loads(run("--version", "--json")[1])["data"] == {"version": out.split()[1]}


# --------------------------------------------------------------------------- schemas


def test_a_schema_is_printed_by_the_commands_words_or_listed(run: Run) -> None:
    by_words = run("schema", "calls", "list")[1]
    assert by_words == run("schema", "calls-list")[1]
    assert json.loads(by_words)["title"] == "triage/calls-list/1"
    assert "calls-list" in run("schema")[1].split()
    assert run("schema", "bogus")[0] == 66


@pytest.mark.parametrize("name", schema.names())
def test_every_schema_is_valid_and_stands_alone(name: str) -> None:
    document = schema.load(name)
    validator = jsonschema.Draft202012Validator
    validator.check_schema(document)
    failed = {
        "schema": f"triage/{name}/1",
        "ok": False,
        "data": None,
        "warnings": [],
        "errors": [{"code": "usage", "message": "m", "hint": ""}],
    }
    validator(document).validate(failed)  # resolves every reference that a null can reach
    assert not list(_references(document) - {f"#/$defs/{key}" for key in document["$defs"]})
    assert not validator(document).is_valid({**failed, "ok": True})


def _references(node: object) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*map(_references, node.values()))
    return set().union(*map(_references, node)) if isinstance(node, list) else set()


@pytest.mark.parametrize("line", ["schema", "schema run", "--version", "bogus"])
def test_what_is_printed_fits_its_schema(run: Run, line: str) -> None:
    answer = json.loads(run("--json", *line.split())[1])
    name = answer["schema"].split("/")[1]
    jsonschema.Draft202012Validator(schema.load(name)).validate(answer)


def _leaves(command: Any, path: tuple[str, ...] = ()) -> dict[str, Any]:
    below = getattr(command, "commands", None)
    if below is None:
        return {"-".join(path): command}
    return {name: leaf for word, sub in below.items() for name, leaf in _leaves(sub, (*path, word)).items()}


def test_every_command_has_a_schema_a_one_line_help_and_an_example() -> None:
    leaves = _leaves(app.build())
    assert "schema" in leaves
    assert not leaves.keys() - set(schema.names())
    for name, command in leaves.items():
        assert command.help, name
        assert len(command.help.split("\n\n")[0]) <= 110, name
        assert command.epilog.startswith(f"Example: triage {name.split('-')[0]}"), name


# --------------------------------------------------------------------------- the real process


def _triage(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "triage", *args],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **env},
    )


def test_neither_help_nor_completion_reads_the_configuration(tmp_path: Path) -> None:
    broken = tmp_path / "config.toml"
    broken.write_text("not toml at all", encoding="utf-8")
    done = _triage("--help", TRIAGE_CONFIG=str(broken))
    assert (done.returncode, done.stderr) == (0, "")
    done = _triage(
        TRIAGE_CONFIG=str(broken),
        _TRIAGE_COMPLETE="complete_bash",
        COMP_WORDS="triage sch",
        COMP_CWORD="1",
    )
    assert done.stdout.split() == ["schema"]
    assert done.stderr == ""


def test_help_and_version_do_not_pay_for_what_they_do_not_use() -> None:
    code = (
        "import sys; from triage.__main__ import main; main(['--version']);"
        "heavy = {'pydantic', 'imapclient', 'jinja2', 'phonenumbers', 'rich', 'sqlite3'};"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1:] == [""]


SHOW = """
import os
from triage.__main__ import main
from triage.cli import app
from triage.cli.output import Column, Result, table

def show() -> Result:
    columns = [Column(title="ID"), Column(title="SUBJECT", flexible=True)]
    return Result(text=lambda page: table(columns, [("t1", "word " * 99)], page))

def build():
    line = app.CommandLine()
    line.add("show", show, example="", panel=app.Panel.MAIN)
    return line.command()

app.build = build
raise SystemExit(main(os.environ["LINE"].split()))
"""


@pytest.mark.parametrize(
    ("line", "env", "coloured"),
    [
        ("show", {}, True),
        ("show", {"NO_COLOR": "1"}, False),
        ("show", {"TERM": "dumb"}, False),
        ("show --no-color", {}, False),
        ("--no-color --help", {}, False),
        ("--help", {"NO_COLOR": "1"}, False),
    ],
)
def test_colour_is_for_terminals_and_can_be_forbidden(line: str, env: dict[str, str], coloured: bool) -> None:
    ours, theirs = pty.openpty()
    full = {"PATH": os.environ["PATH"], "TERM": "xterm", "COLUMNS": "80", "LINE": line, **env}
    subprocess.run([sys.executable, "-c", SHOW], stdout=theirs, env=full, check=True)
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    # bold and the like are no colours: rich's help keeps them
    assert bool(re.search(r"\x1b\[[0-9;]*3\d", shown) or (line == "show" and "\x1b[1m" in shown)) is coloured
    assert all(len(re.sub(r"\x1b\[[0-9;]*m", "", text)) <= 80 for text in shown.splitlines())


def test_a_pipe_gets_no_escape_sequences() -> None:
    assert "\x1b" not in _triage("--help").stdout
