"""`triage rank` and `triage explain`: what ranking makes of mail, and why. Nothing is stored."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from triage.cli import shapes
from triage.cli.app import CommandLine, Panel, options
from triage.cli.output import Column, Page, Problem, Result, read_id, safe, table
from triage.errors import ConfigError, Exit, NotFoundError, UsageError
from triage.types import Assessment, Message, Unreadable

if TYPE_CHECKING:
    from triage.pipeline import AccountSettings


def register(line: CommandLine) -> None:
    line.add("rank", rank, panel=Panel.MAIN, example="triage rank mails/ --json")
    line.add("explain", explain, panel=Panel.MAIN, example="triage explain m12")


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
) -> Result:
    """Ranks mail, the highest score first, without storing or writing anything."""
    if bool(paths) == bool(account):
        raise UsageError("give either PATHs or --account NAME", hint="triage rank mails/")
    chosen = options(ctx)
    settings = _settings(chosen.config, account)
    found = (
        _of_account(chosen.config, account, settings, limit)
        if account
        else (ranked for path in paths or () for ranked in _of_path(path, settings))
    )
    ranking = sorted(found, key=lambda r: (-(r.assessment.score if r.assessment else -1.0), r.id))
    failed = [r for r in ranking if r.error]
    return Result(
        data=[r.shape for r in ranking],
        text=lambda page: _table(ranking, page),
        exit=Exit.DATA if failed else Exit.OK,
        errors=tuple(Problem(code="bad_input", message=f"{r.id}: {r.error}") for r in failed),
    )


def explain(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(metavar="ID|PATH", help="A message's id (m12) or a mail's file.")],
) -> Result:
    """Tells why a mail got its score: each reason with its sentence and points, and its route."""
    chosen = options(ctx)
    if Path(what).exists():
        settings = _settings(chosen.config, "")
        ranked = next(iter(_of_path(Path(what), settings)), None)
        if ranked is None:
            raise NotFoundError(f"{what} holds no mail")
        shape = ranked.shape | {
            "base": ranked.assessment.base if ranked.assessment else 0.0,
            "hits": [{"cue": h.cue, "evidence": h.evidence} for h in ranked.assessment.hits]
            if ranked.assessment
            else [],
            "disposition": None,
            "ground": None,
            "why": None,
        }
        shape["reasons"] = list(shape["reasons"])
        return Result(data=shape, text=lambda page: _explained(shape, page))
    from triage import bootstrap

    with bootstrap.open_workplace(bootstrap.read_config(chosen.config)) as place:
        record = place.store.mail.record(read_id("m", what))
        if record is None:
            raise NotFoundError(f"there is no message {what}", hint="triage messages list")
    stored: dict[str, Any] = dict(record.assessment)
    reasons = list(stored.get("reasons") or [])
    shape = {
        "id": f"m{record.id}",
        "message_id": record.message_id or None,
        "subject": record.subject,
        "from": record.sender,
        "score": record.score,
        "verdict": record.verdict or None,
        "reasons": reasons,
        "sentiment": stored.get("sentiment"),
        "emotion": stored.get("emotion"),
        "language": stored.get("language"),
        "phone": stored.get("phone"),
        "flags": stored.get("flags") or [],
        "new_text": record.new_text,
        "key_sentence": stored.get("key_sentence") or None,
        "automated": {"ground": stored["automated"], "detail": record.why}
        if stored.get("automated")
        else None,
        "error": None,
        "base": stored.get("base") or 0.0,
        "hits": [{"cue": r["cue"], "evidence": r["evidence"]} for r in reasons],
        "disposition": record.disposition,
        "ground": record.ground or None,
        "why": record.why or None,
    }
    return Result(data=shape, text=lambda page: _explained(shape, page))


# --------------------------------------------------------------------------- where the mail is from


def _settings(config_file: str | None, account: str) -> AccountSettings:
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
        return passes.default_settings()
    if account or len(config.accounts) == 1:
        return passes.settings(config, config.chosen((account,) if account else ())[0])
    return passes.default_settings(config)


def _of_path(path: Path, settings: AccountSettings) -> Iterator[Ranked]:
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
            ", ".join(reason.cue for reason in r.assessment.reasons[:3] if reason.points >= 1)
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


def _explained(shape: shapes.Shape, page: Page) -> str:
    lines = [page.bold(f"{shape['id']}  {safe(shape['subject'])}")]
    if shape["score"] is None:
        return "\n".join([*lines, shape["error"] or shape["why"] or "it was not ranked"])
    lines.append(f"Score {shape['score']:.0f} of 100: {shape['verdict']}")
    if shape["why"]:
        lines.append(f"Route: {shape['disposition']}, {safe(shape['why'])}")
    lines += ["", f"{shape['base']:6.1f}  where every mail starts"]
    for reason in shape["reasons"]:
        points, cue, evidence = (
            (reason["points"], reason["cue"], reason["evidence"])
            if isinstance(reason, dict)
            else (reason.points, reason.cue, reason.evidence)
        )
        lines.append(f"{points:+6.1f}  {str(cue).replace('_', ' ')}")
        if evidence:
            lines += [f"        {part}" for part in _wrapped(f"“{safe(evidence)}”", (page.width or 80) - 8)]
    about = [
        ("key sentence", shape["key_sentence"]),
        ("emotion", shape["emotion"]),
        ("language", shape["language"]),
        ("telephone", shape["phone"]),
        ("wishes and facts", ", ".join(shape["flags"]).replace("_", " ")),
        ("automated", shape["automated"] and _ground(shape["automated"])),
    ]
    lines.append("")
    for name, value in about:
        if value:
            lines += [
                f"{name}: {part}" if n == 0 else f"  {part}"
                for n, part in enumerate(_wrapped(safe(str(value)), (page.width or 80) - len(name) - 2))
            ]
    return "\n".join(lines)


def _ground(automated: Any) -> str:
    if isinstance(automated, dict):
        return f"{automated['ground']}: {automated['detail']}"
    return f"{automated.ground}: {automated.detail}"


def _wrapped(text: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, max(40, width)) or [""]
