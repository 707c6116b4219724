"""`triage templates …`: the texts of the replies, and what they make of a mail."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from triage.cli.app import CommandLine, Panel, options
from triage.cli.output import Column, Page, Result, read_id, safe_lines, table
from triage.errors import Exit, InputError, NotFoundError, UsageError

if TYPE_CHECKING:
    from triage.pipeline import AccountSettings
    from triage.replies.compose import Plan
    from triage.types import Assessment, Message

Language = Annotated[
    str, typer.Option("--language", metavar="CODE", help="One language (default: all that you offer).")
]
Account = Annotated[str, typer.Option("--account", metavar="NAME", help="Whose settings.")]


def register(line: CommandLine) -> None:
    line.group("templates", "The texts of the replies.", panel=Panel.SETUP)
    line.add("templates list", list_, example="triage templates list --language de")
    line.add("templates check", check, example="triage templates check --text reply.txt --kind complaint")
    line.add("templates preview", preview, example="triage templates preview --mail m12")


def list_(ctx: typer.Context, language: Language = "", account: Account = "") -> Result:
    """Lists the texts and where each comes from: shipped, or your own folder."""
    from triage.cli.rank import settings_for
    from triage.replies import trial

    settings = settings_for(options(ctx).config, account)
    folder = settings.replies.team_folder
    rows = [
        {"language": code, "file": name, "source": source}
        for code in _languages(settings, language)
        for name, source in trial.sources(code, team_folder=folder)
    ]

    def text(page: Page) -> str:
        columns = [Column(title="file", flexible=True), Column(title="from")]
        return table(columns, [(row["file"], row["source"]) for row in rows], page)

    return Result(data=rows, text=text)


def check(
    ctx: typer.Context,
    language: Language = "",
    text: Annotated[
        Path | None,
        typer.Option("--text", metavar="FILE", help="A text of your own instead; - reads stdin."),
    ] = None,
    kind: Annotated[str, typer.Option(metavar="KIND", help="With --text: which kind of reply it is.")] = "",
    account: Account = "",
) -> Result:
    """Finds templates that are missing or broken, and faults against the playbook (exit 1)."""
    from triage.cli.rank import settings_for
    from triage.replies import trial

    settings = settings_for(options(ctx).config, account)
    if text is not None:
        return _check_text(text, settings, kind, language)
    if kind:
        raise UsageError("--kind goes with --text FILE")
    found = [p for code in _languages(settings, language) for p in trial.problems(code, settings.replies)]
    rows = [
        {
            "language": p.language,
            "kind": p.kind or None,
            "rule": p.rule or None,
            "message": p.message,
            "line": None,
            "text": p.text or None,
        }
        for p in found
    ]
    languages = ", ".join(_languages(settings, language))
    return Result(
        data=rows,
        text="\n".join(map(str, found)) or f"Every template in {languages} is there and keeps the playbook.",
        exit=Exit.FOUND if found else Exit.OK,
        routine=not found,
    )


def _check_text(file: Path, settings: AccountSettings, kind: str, language: str) -> Result:
    from triage.replies import trial
    from triage.replies.compose import kinds

    kind = kind or "complaint"
    if kind not in kinds():
        raise UsageError(f"there is no kind {kind}", hint=f"one of {', '.join(kinds())}")
    try:
        words = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read: {error}") from None
    code = language or settings.replies.languages[0]
    _languages(settings, code)
    faults = trial.faults(words, kind=kind, language=code, team_folder=settings.replies.team_folder)
    rows = [
        {
            "language": code,
            "kind": kind,
            "rule": f.rule,
            "message": f.message,
            "line": f.line or None,
            "text": f.excerpt or None,
        }
        for f in faults
    ]
    return Result(
        data=rows,
        text="\n".join(map(str, faults)) or "It keeps the playbook.",
        exit=Exit.FOUND if faults else Exit.OK,
        routine=not faults,
    )


def preview(
    ctx: typer.Context,
    kind: Annotated[
        str, typer.Argument(metavar="[KIND]", help="Which kind of reply (default: the one that fits).")
    ] = "",
    mail: Annotated[
        str, typer.Option("--mail", metavar="ID|PATH", help="A message's id (m12) or a mail's file.")
    ] = "",
    language: Language = "",
    account: Account = "",
) -> Result:
    """Shows what a reply would say, to a mail or to a sample one; nothing is stored."""
    from triage.cli.rank import settings_for
    from triage.replies import compose, trial

    settings = settings_for(options(ctx).config, account)
    if kind and kind not in compose.kinds():
        raise UsageError(f"there is no kind {kind}", hint=f"one of {', '.join(compose.kinds())}")
    if mail:
        message, assessment = _mail(mail, settings, options(ctx).config)
        wanted = kind or compose.choose_kind(message, assessment)
        if not wanted:
            raise InputError("no draft would be made for this mail", hint=f"triage explain {mail}")
        plan = compose.plan(message, assessment, kind=wanted, settings=settings.replies)
    else:
        if not kind:
            raise UsageError("give a KIND or --mail", hint="triage templates preview complaint")
        code = language or settings.replies.languages[0]
        _languages(settings, code)
        plan = [*trial.plans(kind, code, team_folder=settings.replies.team_folder)][-1]
    try:
        words = compose.compose(plan, settings=settings.replies)
    except ValueError as error:
        raise InputError(str(error), hint="set replies.emergency_text") from None
    faults = trial.faults(
        words, kind=plan.kind, language=plan.language, team_folder=settings.replies.team_folder
    )

    def text(page: Page) -> str:
        said = [f"{name}: {value}" for name, value in _said(plan).items()]
        return "\n".join(
            [page.dim(safe_lines("\n".join(said))), "", safe_lines(words).rstrip(), *map(str, faults)]
        )

    return Result(
        data={
            "kind": plan.kind,
            "language": plan.language,
            "plan": _said(plan),
            "text": words,
            "faults": [str(fault) for fault in faults],
        },
        text=text,
    )


def _said(plan: Plan) -> dict[str, Any]:
    """What a plan says; what it does not say is left out, and so is the choice of words."""
    return {name: value for name, value in asdict(plan).items() if value and name != "seed"}


def _languages(settings: AccountSettings, language: str) -> tuple[str, ...]:
    """The languages that the team offers, or the one that is asked for. Raises NotFoundError."""
    from triage import texts

    there = texts.languages(team_folder=settings.replies.team_folder)
    if language and language not in there:
        raise NotFoundError(f"there are no texts in {language}", hint=f"there are {', '.join(there)}")
    return (language,) if language else settings.replies.languages


def _mail(what: str, settings: AccountSettings, config_file: str | None) -> tuple[Message, Assessment]:
    """A mail of a file, or one on record as far as its words are kept."""
    from triage.cli.explain import stored_assessment
    from triage.cli.rank import of_path

    if Path(what).exists():
        ranked = next(iter(of_path(Path(what), settings)), None)
        if ranked is None or ranked.message is None or ranked.assessment is None:
            raise InputError(f"{what} holds no mail that can be read")
        return ranked.message, ranked.assessment
    from triage import bootstrap
    from triage.types import Message

    with bootstrap.open_workplace(bootstrap.read_config(config_file)) as place:
        record = place.store.mail.record(read_id("m", what))
    assessment = stored_assessment(record) if record else None
    if record is None or assessment is None or record.received is None:
        raise NotFoundError(f"there is no message {what} whose words are kept", hint="triage messages list")
    message = Message(
        ref=record.ref,
        message_id=record.message_id,
        subject=record.subject,
        requester=record.requester,
        received=record.received,
        text=record.new_text,
        new_text=record.new_text,
        fingerprint=what,
    )
    return message, assessment
