"""`triage rank`: what ranking makes of mail. Nothing is stored."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli import shapes
from triage.cli.app import CommandLine, Panel, options
from triage.cli.output import Column, Page, Problem, Result, table
from triage.errors import ConfigError, Exit, NotFoundError, UsageError
from triage.types import Assessment, Message, Reason, Unreadable

if TYPE_CHECKING:
    from triage.pipeline import AccountSettings


def register(line: CommandLine) -> None:
    line.add("rank", rank, panel=Panel.MAIN, example="triage rank mails/ --json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    id: str
    message: Message | None
    assessment: Assessment | None
    error: str | None = None

    @property
    def shape(self) -> shapes.Shape:
        return shapes.ranked(self.id, self.message, self.assessment, error=self.error)


def rank(
    ctx: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="An .eml, a folder of them, an mbox, a Maildir, or a .jsonl of messages.",
            show_default=False,
        ),
    ] = None,
    account: Annotated[
        str, typer.Option(metavar="NAME", help="Rank the newest mail of this account's mailbox instead.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="With --account: how many of the newest.")] = 200,
    weights: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Weights that triage train made with --into.")
    ] = None,
) -> Result:
    """Ranks mail, the highest score first, without storing or writing anything."""
    if bool(paths) == bool(account):
        raise UsageError("give either PATHs or --account NAME", hint="triage rank mails/")
    chosen = options(ctx)
    settings = settings_for(chosen.config, account, weights=weights)
    found = (
        _of_account(chosen.config, account, settings, limit)
        if account
        else (ranked for path in paths or () for ranked in of_path(path, settings))
    )
    ranking = sorted(found, key=lambda r: (-(r.assessment.score if r.assessment else -1.0), r.id))
    failed = [r for r in ranking if r.error]
    return Result(
        data=[r.shape for r in ranking],
        text=lambda page: _table(ranking, page),
        exit=Exit.DATA if failed else Exit.OK,
        errors=tuple(Problem(code="bad_input", message=f"{r.id}: {r.error}") for r in failed),
    )


# --------------------------------------------------------------------------- where the mail is from


def settings_for(config_file: str | None, account: str, *, weights: Path | None = None) -> AccountSettings:
    """The account's settings, else those of the only account, else the defaults.

    Ranking files needs no configuration; a wrong one that was named is still an error.
    """
    import os

    from triage import bootstrap
    from triage.bootstrap import passes

    try:
        config = bootstrap.read_config(config_file)
    except ConfigError:
        if config_file or account or "TRIAGE_CONFIG" in os.environ:
            raise
        settings = passes.default_settings()
    else:
        settings = (
            passes.settings(config, config.chosen((account,) if account else ())[0])
            if account or len(config.accounts) == 1
            else passes.default_settings(config)
        )
    if weights is None:
        return settings
    own = passes.team_weights(weights)
    if own is None:
        raise NotFoundError(f"{weights} holds no weights", hint="triage train --into FOLDER makes some")
    return replace(settings, ranking=replace(settings.ranking, weights=own))


def of_path(path: Path, settings: AccountSettings) -> Iterator[Ranked]:
    from triage.intake import files
    from triage.intake.parse import parse

    for found in files.read(path, message_bytes=settings.limits.message_bytes):
        if found.problem:
            yield Ranked(id=found.id, message=None, assessment=None, error=found.problem)
            continue
        parsed: Message | Unreadable | None = found.message
        if found.raw is not None:
            parsed = parse(
                found.raw,
                identity=settings.identity,
                sources=settings.sources,
                limits=settings.limits,
                now=datetime.now(UTC),
            )
        yield _judged(found.id, parsed, settings)


def _of_account(
    config_file: str | None, name: str, settings: AccountSettings, limit: int
) -> Iterator[Ranked]:
    from triage import bootstrap
    from triage.bootstrap import passes
    from triage.intake.parse import parse

    config = bootstrap.read_config(config_file)
    account = config.chosen((name,))[0]
    deadline = time.monotonic() + config.limits.run_seconds
    with passes.source(account, seconds_left=lambda: deadline - time.monotonic()) as mail:
        inbox = mail.mailboxes().inbox
        mail.examine(inbox)
        uids = mail.uids_after(inbox, 0)[-limit:]
        sizes = [(e.uid, e.size) for e in mail.envelopes(inbox, uids)]
        for raw in mail.fetch(inbox, sizes, message_bytes=settings.limits.message_bytes):
            parsed = parse(
                raw,
                identity=settings.identity,
                sources=settings.sources,
                limits=settings.limits,
                now=datetime.now(UTC),
            )
            yield _judged(f"{inbox}/{raw.ref.uid}", parsed, settings)


def _judged(id: str, parsed: Message | Unreadable | None, settings: AccountSettings) -> Ranked:
    from triage.pipeline.message import judge

    if parsed is None:
        return Ranked(id=id, message=None, assessment=None, error="it is empty")
    if isinstance(parsed, Unreadable):
        return Ranked(id=id, message=None, assessment=None, error=parsed.reason)
    return Ranked(id=id, message=parsed, assessment=judge(parsed, settings))


# --------------------------------------------------------------------------- text


def _table(ranking: list[Ranked], page: Page) -> str:
    rows = [
        (
            f"{r.assessment.score:.0f}" if r.assessment else "–",
            r.assessment.verdict if r.assessment else "error",
            r.id,
            r.message.subject if r.message else r.error,
            ", ".join(sign for sign, _ in in_short([x for x in r.assessment.reasons if x.points >= 1]))
            if r.assessment
            else "",
        )
        for r in ranking
    ]
    return table(
        [
            Column(title="score", right=True),
            Column(title="verdict"),
            Column(title="mail", flexible=True, least=10),
            Column(title="subject", flexible=True, least=20),
            Column(title="reasons", flexible=True, least=16),
        ],
        rows,
        page,
    )


def in_short(reasons: Sequence[Reason], most: int = 3) -> list[tuple[str, float]]:
    """The weightiest signs in words, with their points together.

    The wording comes last: without its sentence it says little.
    """
    from triage import texts

    points: dict[str, float] = {}
    for reason in reasons:
        points[reason.cue] = points.get(reason.cue, 0.0) + reason.points
    ordered = sorted(points, key=lambda name: (name == "wording", -abs(points[name])))
    return [(texts.sign(name), points[name]) for name in ordered[:most]]
