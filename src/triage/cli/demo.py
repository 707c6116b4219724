"""`triage demo`: the main job on sample mail, over real IMAP, leaving nothing behind."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from triage.cli import shapes
from triage.cli.app import CommandLine, Panel, options
from triage.cli.output import Column, Page, Problem, Result, safe, say, show_id, table
from triage.types import Disposition

if TYPE_CHECKING:
    from triage.demo.play import FetchedDraft, Performance
    from triage.store.mail import MessageRecord

SHOWN_HEADERS = ("From", "To", "Subject", "In-Reply-To", "Auto-Submitted")
SHOWN_QUOTE = 3  # lines of the quoted original
BECAME = {
    Disposition.TICKETED: "call",
    Disposition.DRAFTED: "draft",
    Disposition.OWED: "a person",
    Disposition.LEFT_ALONE: "left alone",
}
COMPANIES = """\
  larkwell     Larkwell Outdoor, a shop for walkers
  tidewater    Tidewater Energy, gas and electricity
  pennant      Pennant, booking software for small hotels"""
WHAT_NEXT = """\
triage init            asks for your mailbox, tests it, writes the configuration
triage check           tells what works and what does not
triage run --dry-run   shows what would happen, and writes nothing anywhere
triage run             does it; then: triage calls next, triage drafts list

From cron, every five minutes:
*/5 * * * *  triage run --quiet"""


def register(line: CommandLine) -> None:
    line.add("demo", demo, panel=Panel.MAIN, example="triage demo")


def demo(ctx: typer.Context) -> Result:
    """Shows the main job on sample mail, over an embedded mail server; leaves nothing behind."""
    from triage.bootstrap import passes
    from triage.demo import play

    chosen = options(ctx)
    if sys.stderr.isatty() and not (chosen.quiet or chosen.json):
        say("starting a mail server and a run over its sample mail: some seconds")
    played = play.perform()
    return Result(
        data=_data(played),
        text=lambda page: _text(played, page),
        exit=passes.worst_exit(played.reports),
        errors=tuple(
            Problem(code=r.status, message=f"{r.account}: {r.error}", hint=r.hint)
            for r in played.reports
            if r.error
        ),
    )


# --------------------------------------------------------------------------- JSON


def _data(played: Performance) -> shapes.Shape:
    return {
        "messages": len(played.mails),
        "counts": _counts(played),
        "ranked": [_ranked(mail) for mail in played.mails],
        "calls": [shapes.ticket(t, now=played.now) for t in played.queue],
        "brief": {"text": played.first.text, "markdown": played.first.markdown, "parts": played.first.brief}
        if played.first
        else None,
        "drafts": [shapes.draft(d, promise_due=played.dues.get(d.id)) for d in played.drafts],
        "fetched": [
            {
                "account": f.account,
                "mailbox": f.mailbox,
                "uid": f.uid,
                "flags": f.flags,
                "headers": dict(f.headers),
                "text": f.text,
            }
            for f in played.fetched
        ],
        "seconds": round(played.start_seconds + played.run_seconds, 3),
    }


def _counts(played: Performance) -> dict[str, int]:
    found = Counter(mail.disposition for mail in played.mails)
    return {disposition.value: found[disposition] for disposition in Disposition}


def _ranked(mail: MessageRecord) -> shapes.Shape:
    """One mail in the shape of `triage rank`, and what became of it."""
    stored: dict[str, Any] = dict(mail.assessment)
    ground = stored.get("automated")
    return {
        "id": show_id("m", mail.id),
        "message_id": mail.message_id or None,
        "subject": mail.subject,
        "from": mail.sender,
        "score": None if mail.score is None else round(mail.score, 2),
        "verdict": mail.verdict or None,
        "reasons": stored.get("reasons") or [],
        "sentiment": stored.get("sentiment"),
        "emotion": stored.get("emotion"),
        "language": stored.get("language"),
        "phone": stored.get("phone"),
        "flags": stored.get("flags") or [],
        "new_text": mail.new_text,
        "key_sentence": stored.get("key_sentence") or None,
        "automated": {"ground": ground, "detail": mail.why} if ground else None,
        "error": mail.fault or None,
        "account": mail.ref.account,
        "disposition": mail.disposition,
        "ground": mail.ground or None,
    }


# --------------------------------------------------------------------------- text


def _text(played: Performance, page: Page) -> str:
    from triage.cli.calls import queue_table

    companies = len(played.reports)
    left_to_show = len(played.drafts) - len(played.fetched)
    parts = [
        (
            f"A mail server for {companies} made-up companies ({played.start_seconds:.1f} s)",
            f"{played.served} mails in the inboxes of:\n{COMPANIES}",
        ),
        (f"triage run ({played.run_seconds:.1f} s)", _became(played)),
        ("All mail, ranked by how much it needs a voice", _ranking(played, page)),
        (
            "The call queue, most urgent first (triage calls list)",
            queue_table(played.queue, page, now=played.now),
        ),
        ("What whoever calls first sees (triage calls next)", played.first.text if played.first else ""),
        (
            f"{len(played.fetched)} of the drafts as they lie in Drafts on the server ({left_to_show} more there)",
            "\n\n".join(_draft(found, page) for found in played.fetched),
        ),
        ("The server and all of its mail are gone again. What next", WHAT_NEXT),
    ]
    return "\n\n".join(
        page.bold(f"{n}. {title}") + (f"\n\n{text.rstrip()}" if text else "")
        for n, (title, text) in enumerate(parts, 1)
    )


def _became(played: Performance) -> str:
    counts = _counts(played)
    appended = sum(report.appended for report in played.reports)
    lines = [
        f"{counts['ticketed']:4}  for a call: they are in the queue",
        f"{counts['drafted']:4}  for an answer by mail: a holding reply is drafted",
        f"{counts['owed']:4}  for a person, without a draft (not in English, say)",
        f"{counts['left_alone']:4}  left alone: robots, newsletters, old, solved or answered mail",
        f"{appended:4}  drafts are in Drafts; nothing is ever sent, no mail was touched",
    ]
    lines += [f"   !  {alarm}" for report in played.reports for alarm in report.alarms]
    return "\n".join(lines)


def _ranking(played: Performance, page: Page) -> str:
    kinds = {draft.id: draft.kind for draft in played.drafts}
    rows = [
        (
            "" if mail.score is None else f"{mail.score:.0f}",
            BECAME.get(Disposition(mail.disposition), mail.disposition) if mail.disposition else "",
            mail.subject,
            _reasons(mail, kinds),
        )
        for mail in played.mails
    ]
    return table(
        [
            Column(title="score", right=True),
            Column(title="becomes"),
            Column(title="subject", flexible=True, least=22),
            Column(title="because", flexible=True, least=22),
        ],
        rows,
        page,
    )


def _reasons(mail: MessageRecord, kinds: Mapping[int, str]) -> str:
    """The three strongest cues in words, else what kind of reply is drafted; or why none is."""
    from triage import texts

    if mail.disposition in (Disposition.LEFT_ALONE, Disposition.OWED):
        return mail.why or mail.ground
    words = texts.wording("en")["brief"]["cues"]
    reasons: Any = mail.assessment.get("reasons") or []
    cues = [words[r["cue"]] for r in reasons if r["cue"] in words and r["points"] >= 1]
    return ", ".join(cues[:3]) or kinds.get(mail.draft or 0, "")


def _draft(found: FetchedDraft, page: Page) -> str:
    """The headers that matter, our text, and the beginning of what is quoted below it."""
    headers = dict(found.headers)
    lines = [f"{name}: {safe(headers[name])}" for name in SHOWN_HEADERS if name in headers]
    flags = " ".join(sorted(found.flags))
    lines = [page.dim(f"{found.account}/{found.mailbox}, uid {found.uid}, {flags}"), *lines, ""]
    quoted = 0
    for line in found.text.splitlines():
        quoted += line.startswith(">")
        if not line.startswith(">") or quoted <= SHOWN_QUOTE:
            lines.append(line)
    if quoted > SHOWN_QUOTE:
        lines.append(f"> [… {quoted - SHOWN_QUOTE} more lines of their mail]")
    return "\n".join(f"  {line}".rstrip() for line in lines)
