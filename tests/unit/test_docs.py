"""The documents say what the code does: generated pages, links, commands, settings, names."""

from __future__ import annotations

import re
import runpy
import shlex
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import typer

from triage.__main__ import main
from triage.cli.app import Invocation, build
from triage.config import load
from triage.replies.compose import KINDS, Plan

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
ACCOUNT = """
[accounts.support]
host = "imap.example.org"
username = "support@example.org"
password_env = "TRIAGE_PASSWORD"
addresses = ["support@example.org"]
"""

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def blocks(page: Path, *languages: str) -> Iterator[str]:
    for language, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        if language in languages:
            yield text


# --------------------------------------------------------------------------- generated pages

GENERATOR = runpy.run_path(str(ROOT / "docs" / "generate.py"))


@pytest.mark.parametrize("name", ["commands", "configuration", "exit-codes", "grounds", "json"])
def test_a_generated_page_is_up_to_date(name: str) -> None:
    path = ROOT / "docs" / "reference" / f"{name}.md"
    assert path.read_text(encoding="utf-8") == GENERATOR["pages"]()[path], "run: make docs"


def test_the_gallery_is_up_to_date() -> None:
    gallery = runpy.run_path(str(ROOT / "docs" / "gallery.py"))
    for path, text in gallery["pages"]().items():
        assert path.read_text(encoding="utf-8") == text, "run: make gallery"


def test_the_model_card_has_the_figures_of_the_shipped_weights() -> None:
    path = ROOT / "docs" / "explanation" / "ranking.md"
    assert path.read_text(encoding="utf-8") == GENERATOR["pages"]()[path], "run: make docs"


def test_the_model_card_names_every_weight_that_a_person_may_set() -> None:
    shown = (ROOT / "docs/explanation/ranking.md").read_text(encoding="utf-8")
    by_hand = tomllib.loads((ROOT / "src/triage/ranking/weights.toml").read_text(encoding="utf-8"))
    tables = [name for name, table in by_hand.items() if isinstance(table, dict)]
    assert [name for name in tables if f"[{name}]" not in shown] == []


def test_the_reference_tells_every_key_of_the_example_configuration() -> None:
    shown = (ROOT / "docs/reference/configuration.md").read_text(encoding="utf-8")
    example = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    keys = set(re.findall(r"^#?([a-z_0-9]+) = ", example, re.MULTILINE)) | {"oauth2", "sources"}
    assert [key for key in sorted(keys) if f"| `{key}` |" not in shown] == []


def test_the_grounds_that_are_told_by_hand_are_the_code_s() -> None:
    sources = ("routing.py", "store/mail.py", "pipeline/drafts.py")
    code = "".join((ROOT / "src/triage" / name).read_text(encoding="utf-8") for name in sources)
    told = {*GENERATOR["_TICKETED"], *(word for words in GENERATOR["_OTHERS"].values() for word in words)}
    assert [word for word in sorted(told) if not re.search(f"[\"']{word}[\"']", code)] == []


# --------------------------------------------------------------------------- links and names


@every_page
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        name, _, anchor = target.partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        file = (page.parent / name).resolve() if name else page
        found = file.is_relative_to(ROOT) and file.exists()
        if not found or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


def anchors(file: Path) -> set[str]:
    """The anchors of a page's headings, as forges make them."""
    headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@every_page
def test_every_path_of_the_repository_that_is_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:src|tests|templates|docs)/[\w./-]+)`", text))
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


@every_page
def test_no_page_names_a_folder_outside_the_repository(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.])(?:/work|/tmp|/root)\b|\.\./shared", text)


def test_the_modules_of_the_architecture_exist() -> None:
    text = (ROOT / "docs/explanation/architecture.md").read_text(encoding="utf-8")
    rooms = "cli|intake|ranking|routing|replies|calls|store|pipeline|promises"
    named = {
        name
        for part in [*BLOCK.findall(text), *re.findall(r"(`)([a-z_.]+)`", text)]
        for name in re.findall(rf"\b(?:{rooms})\.[a-z_]+\b", part[1])
        if not name.endswith((".py", "_by", "_per_day"))
    }
    assert len(named) > 8
    assert [name for name in sorted(named) if find_spec(f"triage.{name}") is None] == []


def test_the_house_is_drawn_as_it_stands() -> None:
    text = (ROOT / "docs/explanation/architecture.md").read_text(encoding="utf-8")
    house = next(block for language, block in BLOCK.findall(text) if block.startswith("src/triage/\n"))
    drawn = {line.split()[0] for line in house.splitlines() if line.startswith("  ")}
    assert [name for name in sorted(drawn) if not (ROOT / "src/triage" / name).exists()] == []
    standing = {
        f"{path.name}/" if path.is_dir() else path.name
        for path in (ROOT / "src/triage").iterdir()
        if path.suffix == ".py" or (path.is_dir() and (path / "__init__.py").exists())
    } - {"__init__.py"}
    assert standing - drawn == set()


# --------------------------------------------------------------------------- commands and settings


@every_page
def test_every_command_line_that_is_shown_can_be_given(page: Path) -> None:
    wrong = {line: problem for line in command_lines(page) if (problem := refused(line))}
    assert wrong == {}


def command_lines(page: Path) -> Iterator[str]:
    """The arguments of each `triage` that stands in a block for a shell, or in backticks."""
    text = page.read_text(encoding="utf-8")
    shown = [line for block in blocks(page, "sh", "crontab", "ini") for line in block.splitlines()]
    shown += [
        words for words in re.findall(r"`([^`\n]+)`", BLOCK.sub("", text)) if words.startswith("triage ")
    ]
    for line in (re.sub(r"\$\([^)]*\)", "$VALUE", line) for line in shown):
        # The program's name, bare or by its path; the line's other commands are the shell's.
        for given in re.findall(r"(?:^|/bin/|&& )triage ((?:[a-z]|--)[^|;]*)", line):
            if "…" not in given:
                yield re.split(r"\s(?:[12]?>|&&)", given)[0]


def refused(arguments: str) -> str:
    """What the command line says against these arguments, or nothing. No command is run."""
    words = shlex.split(arguments, comments=True)
    command = build()
    name = "triage"
    while words and hasattr(command, "commands") and not words[0].startswith("-"):
        name = words.pop(0)
        if name not in command.commands:
            return f"no command {name}"
        command = command.commands[name]
    if not words:  # the command is only named
        return ""
    if hasattr(command, "commands"):  # `triage --version`: such options act when they are parsed
        known = {name for param in command.params for name in param.opts} | {"--help"}
        return "" if words[0] in known else f"no option {words[0]}"
    try:
        command.make_context(name, words, obj=Invocation())
    except typer.Exit:
        return ""
    except typer.TyperException as error:
        return error.format_message()
    return ""


def test_a_command_line_that_does_not_exist_would_be_noticed() -> None:
    assert refused("calls done t12 --outcome agreed") == ""
    assert refused("calls list --help") == ""
    assert refused("--version") == ""
    assert refused("--versions")
    assert refused("calls done --outcome agreed")
    assert refused("calls ring t12")
    assert refused("calls done t12 --how agreed")
    assert refused("calls done t12 --outcome splendid")


@every_page
def test_every_configuration_that_is_shown_is_accepted(page: Path, tmp_path: Path) -> None:
    for number, text in enumerate(blocks(page, "toml")):
        own = tomllib.loads(text.replace("[[accounts", "\n[[accounts"))
        accounts = own.get("accounts", {})
        complete = any("host" in table for table in accounts.values())
        path = tmp_path / f"{number}.toml"
        path.write_text(text if complete else ACCOUNT + text, encoding="utf-8")
        load(path)


def test_the_reference_has_every_command_with_its_example() -> None:
    shown = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")
    for words, command, _ in GENERATOR["leaves"]():
        assert f"### triage {words}\n" in shown
        assert str(command.epilog).startswith("Example: triage ")


def test_every_value_that_a_template_is_said_to_know_exists() -> None:
    text = (ROOT / "docs/how-to/team-templates.md").read_text(encoding="utf-8")
    table = text[text.index("| value |") :].split("\n\n")[0]
    known = {*Plan.__dataclass_fields__, "invites", "signature"}
    said = set(re.findall(r"`(\w+)`(?=[^|]*\|[^|]*\|$)", table, re.MULTILINE))
    assert said
    assert {name for name in said if "_name" not in name} <= known
    assert all(f"`{kind}`" in text for kind in KINDS)


def test_the_help_names_the_first_steps(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    assert "triage init" in capsys.readouterr().out
