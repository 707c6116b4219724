"""The texts that triage puts before people: where they lie and how they are rendered.

All wording stands in one folder, `templates/`, which ships inside the package:

    replies/<language>/<kind>.txt.j2   the holding replies
    brief/brief.txt.j2, brief.md.j2    the call brief, for a screen and as Markdown
    wording/<language>.toml            the words that go into both
    playbook/<language>.toml           what a holding reply may and may not say

A team overrides single files with a folder of its own that has the same layout.
Only these files are templates; whatever comes from a mail is a value and is never
evaluated.
"""

from __future__ import annotations

import re
import textwrap
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from triage.errors import ConfigError

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment


def render(name: str, values: Mapping[str, object], *, team_folder: str = "") -> str:
    """The template `name` (a path below `templates/`) filled with `values`.

    Raises ConfigError, naming the file, if the template is missing or broken or uses a
    value that does not exist.
    """
    from jinja2 import TemplateError

    try:
        return _environment(team_folder).get_template(name).render(values)
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        place = f"{getattr(error, 'name', None) or name}{f', line {line}' if line else ''}"
        raise ConfigError(f"template {place}: {error.message}", code="template") from error


def wording(language: str, *, team_folder: str = "") -> Mapping[str, Any]:
    """The words of one language (`wording/<language>.toml`). Raises ConfigError."""
    return _toml(f"wording/{language}.toml", team_folder)


def first_worded(wanted: Sequence[str], *, team_folder: str = "") -> str:
    """The first of these languages that has words for the brief; else English."""
    for language in wanted:
        try:
            read(f"wording/{language}.toml", team_folder=team_folder)
        except ConfigError:
            continue
        return language
    return "en"


def signs(language: str = "en", *, team_folder: str = "") -> Mapping[str, str]:
    """The names that people read for what a score is made of: cues, other signs, rules."""
    words = wording(language, team_folder=team_folder)["brief"]
    tables = (words["cues"], words.get("signs", {}), words.get("manner", {}))
    return {name: said for table in tables for name, said in table.items()}


def sign(name: str) -> str:
    """One of them in English; a name that is not known there, spelled out."""
    return signs().get(name, name.replace("_", " "))


def doubts(names: Sequence[str]) -> tuple[str, ...]:
    """What is odd about a sender (intake.sender), in words that people read, in English."""
    words = wording("en")["brief"]["doubts"]
    return tuple(str(words[name]) for name in names if name in words)


def playbook(language: str, *, team_folder: str = "") -> Mapping[str, Any]:
    """The rules for drafts in one language (`playbook/<language>.toml`). Raises ConfigError."""
    return _toml(f"playbook/{language}.toml", team_folder)


def languages(*, team_folder: str = "") -> tuple[str, ...]:
    """The languages that there are holding replies in (ISO 639-1), the team's own too, sorted."""
    found = set()
    for root in _roots(team_folder):
        folder = root / "replies"
        if folder.is_dir():
            found |= {entry.name for entry in folder.iterdir() if (entry / "letter.txt.j2").is_file()}
    return tuple(sorted(found))


def source(name: str, *, team_folder: str = "") -> str:
    """Where a text comes from: shipped, team, or missing."""
    for root in _roots(team_folder):
        if root.joinpath(*PurePosixPath(name).parts).is_file():
            return "shipped" if root == _shipped() else "team"
    return "missing"


def read(name: str, *, team_folder: str = "") -> str:
    """The file `name` below `templates/`, the team's own before the shipped one.

    Raises ConfigError if there is none or it is not UTF-8.
    """
    parts = PurePosixPath(name).parts
    if not parts or ".." in parts or name.startswith("/"):
        raise ConfigError(f"{name!r} is no name of a template", code="template")
    for root in _roots(team_folder):
        file = root.joinpath(*parts)
        if file.is_file():
            try:
                return file.read_text(encoding="utf-8")
            except UnicodeDecodeError as error:
                raise ConfigError(f"template {file} is not UTF-8", code="template") from error
    raise ConfigError(f"there is no template {name}", code="template")


# --------------------------------------------------------------------------- layout

# C0 and C1 controls, line and paragraph separators, soft hyphen, invisible and
# bidirectional marks, lone surrogates: they can forge headers, terminals or the reading
# order, and say nothing.
_UNPRINTABLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)


def plain(text: str) -> str:
    """`text` without control, bidirectional and surrogate characters; newlines stay."""
    return _UNPRINTABLE.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str) -> str:
    """`text` printable and on one line, with single spaces."""
    return " ".join(plain(text).split())


def flow(text: str) -> str:
    """Paragraphs, each on one long line and a blank line apart; "- " lines stay lines.

    So a template may break its lines wherever it reads best.
    """
    paragraphs = []
    for block in re.split(r"\n[ \t]*\n", text):
        paragraph = ""
        # Only these: a no-break space, as French sets before a colon, stays one.
        for line in filter(None, (re.sub(r"[ \t]+", " ", line).strip(" ") for line in block.splitlines())):
            glue = "\n" if line.startswith("- ") else " "
            paragraph = f"{paragraph}{glue}{line}" if paragraph else line
        if paragraph:
            paragraphs.append(paragraph)
    return "\n\n".join(paragraphs)


def quoted(text: str) -> str:
    """`text` on one line, so that Markdown shows it as it is."""
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", one_line(text))


def entry(text: str, label: str = "", lines: int = 1, width: int = 80, column: int = 11) -> str:
    """`text` wrapped beside its label, cut after `lines` lines: one entry of the brief."""
    return "\n".join(
        textwrap.wrap(
            one_line(text),
            width,
            initial_indent=label.ljust(column),
            subsequent_indent=" " * column,
            max_lines=lines,
            placeholder=" …",
        )
    )


# --------------------------------------------------------------------------- inside


def _roots(team_folder: str) -> list[Traversable]:
    """Where texts lie, the team's own first."""
    own: list[Traversable] = [Path(team_folder).expanduser()] if team_folder else []
    return [*own, _shipped()]


@lru_cache(maxsize=1)
def _shipped() -> Traversable:
    packaged = files("triage") / "templates"
    # An editable install has no copy inside the package: the checkout's folder serves.
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "templates"


@lru_cache(maxsize=16)
def _toml(name: str, team_folder: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(read(name, team_folder=team_folder))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: {error}", code="template") from error


@lru_cache(maxsize=4)
def _environment(team_folder: str) -> SandboxedEnvironment:
    from jinja2 import FunctionLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(
        loader=FunctionLoader(lambda name: read(name, team_folder=team_folder)),
        undefined=StrictUndefined,
        autoescape=False,  # the output is plain text, not HTML
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(flow=flow, entry=entry, quoted=quoted)
    return environment
