"""`triage explain`: why a mail got its score and its route, in words for anybody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from triage.cli import shapes
from triage.cli.app import CommandLine, Panel, options
from triage.cli.output import Page, Result, read_id, safe, show_id
from triage.cli.rank import of_path, settings_for
from triage.errors import NotFoundError
from triage.types import Assessment, Automated, Cue, Emotion, Flag, Hit, Reason, Sentiment, Verdict

if TYPE_CHECKING:
    from triage.store.feedback import Said
    from triage.store.mail import MessageRecord

WORDING = "wording"  # the sign that stands for n-grams
SMALL = 0.5  # points; what is below is summed up in one line
VERDICTS = {"call": "a call", "reply": "an answer by mail", "none": "no answer"}
ROUTES = {
    "ticketed": "into the call queue",
    "drafted": "a holding reply into Drafts",
    "owed": "to a person, without a draft",
    "left_alone": "left alone",
    "quarantined": "to quarantine",
    "uncertain": "a draft of which it is not certain whether it is in Drafts",
}


def register(line: CommandLine) -> None:
    line.add("explain", explain, panel=Panel.MAIN, example="triage explain m12")


def explain(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(metavar="ID|PATH", help="A message's id (m12) or a mail's file.")],
) -> Result:
    """Tells why a mail got its score: what raised and lowered it, what is unknown, and its route."""
    shape = (
        _of_file(Path(what), options(ctx).config)
        if Path(what).exists()
        else _of_record(what, options(ctx).config)
    )
    return Result(data=shape, text=lambda page: _explained(shape, page))


def _of_file(path: Path, config_file: str | None) -> shapes.Shape:
    """A file is judged and routed as a first contact: no records are asked."""
    from triage.intake import automatic
    from triage.ranking import explain as told
    from triage.routing import Standing, decide

    settings = settings_for(config_file, "")
    ranked = next(iter(of_path(path, settings)), None)
    if ranked is None:
        raise NotFoundError(f"{path} holds no mail")
    message, assessment = ranked.message, ranked.assessment
    if message is None or assessment is None:
        return ranked.shape | _about(None)
    identity = settings.identity
    named = not identity.addresses or automatic.names_us(message, identity=identity)
    decision = decide(message, assessment, Standing(names_us=named), settings.policy)
    unknown = told.unknown(assessment, truncated=message.truncated, attachments=len(message.attachments))
    return (
        ranked.shape
        | _about(assessment)
        | {
            "disposition": decision.disposition,
            "ground": decision.ground,
            "why": decision.why,
            "rule": told.rule(assessment, settings.ranking),
            "unknown": [*unknown, "what came before: a file is judged as a first contact"],
        }
    )


def _of_record(what: str, config_file: str | None) -> shapes.Shape:
    from triage import bootstrap
    from triage.ranking import explain as told

    with bootstrap.open_workplace(bootstrap.read_config(config_file)) as place:
        record = place.store.mail.record(read_id("m", what))
        if record is None:
            raise NotFoundError(f"there is no message {what}", hint="triage messages list")
        said = place.store.feedback.of(record.id)
        known = record.ref.account in place.config.accounts
    settings = settings_for(config_file, record.ref.account if known else "")
    assessment = stored_assessment(record)
    stored = record.assessment
    return (
        {
            "id": show_id("m", record.id),
            "message_id": record.message_id or None,
            "subject": record.subject,
            "from": record.sender,
            "score": record.score,
            "verdict": record.verdict or None,
            "reasons": list(assessment.reasons) if assessment else [],
            "sentiment": stored.get("sentiment"),
            "emotion": stored.get("emotion"),
            "language": stored.get("language"),
            "phone": stored.get("phone"),
            "flags": stored.get("flags") or [],
            "new_text": record.new_text,
            "key_sentence": stored.get("key_sentence") or None,
            "automated": assessment.automated if assessment else None,
            "error": None,
        }
        | _about(assessment)
        | {
            "disposition": record.disposition,
            "ground": record.ground or None,
            "why": record.why or None,
            "rule": told.rule(assessment, settings.ranking) if assessment else None,
            "unknown": [*told.unknown(assessment)] if assessment else [],
            "feedback": _feedback(said),
        }
    )


def _about(assessment: Assessment | None) -> shapes.Shape:
    return {
        "base": assessment.base if assessment else 0.0,
        "hits": [{"cue": h.cue, "evidence": h.evidence} for h in assessment.hits] if assessment else [],
        "disposition": None,
        "ground": None,
        "why": None,
        "rule": None,
        "unknown": [],
        "feedback": None,
    }


def _feedback(said: Said | None) -> shapes.Shape | None:
    if said is None:
        return None
    return {
        "verdict": said.said,
        "source": said.source,
        "who": said.who,
        "at": said.at,
        "note": said.note or None,
    }


def stored_assessment(record: MessageRecord) -> Assessment | None:
    """The assessment as far as the records keep it; None once its words have expired."""
    kept: dict[str, Any] = dict(record.assessment)
    if record.score is None or not kept:
        return None
    assessment = Assessment(
        score=record.score,
        verdict=Verdict(record.verdict),
        base=kept.get("base") or 0.0,
        reasons=tuple(Reason(**reason) for reason in kept.get("reasons") or ()),
        sentiment=Sentiment(mean=kept.get("sentiment") or 0.0),
        emotion=Emotion(kept.get("emotion") or Emotion.NEUTRAL),
        language=kept.get("language") or "unknown",
        phone=kept.get("phone"),
        phone_from=kept.get("phone_from") or "",
        flags=frozenset(Flag(flag) for flag in kept.get("flags") or ()),
        hits=tuple(Hit(cue=Cue(hit["cue"]), evidence=hit["evidence"]) for hit in kept.get("hits") or ()),
        key_sentence=kept.get("key_sentence") or "",
        floor=bool(kept.get("floor")),
        solved=bool(kept.get("solved")),
        unjudged=kept.get("unjudged") or "",
    )
    if ground := kept.get("automated"):
        detail = next((r.evidence for r in assessment.reasons if r.cue == "automated"), record.why)
        assessment = replace(assessment, automated=Automated(ground=ground, detail=detail))
    return assessment


# --------------------------------------------------------------------------- text


def _explained(shape: shapes.Shape, page: Page) -> str:
    return "\n".join(_lines(shape, page, width=page.width or 80))


def _lines(shape: shapes.Shape, page: Page, *, width: int) -> Iterator[str]:
    yield page.bold(f"{shape['id']}  {safe(shape['subject'])}")
    if shape["score"] is None:
        yield safe(shape["error"] or shape["why"] or "it was not ranked")
        return
    yield f"Score {shape['score']:.0f} of 100: {VERDICTS.get(shape['verdict'], shape['verdict'])}"
    if shape["rule"]:
        yield from _wrapped(shape["rule"], width)
    if shape["disposition"]:
        why = safe(shape["why"] or "").rstrip(".")
        route = ROUTES[shape["disposition"]] + (f": {why}" if why else "")
        yield from _wrapped(f"Route: {route}.", width)
    if said := shape["feedback"]:
        note = f": {said['note']}" if said["note"] else ""
        yield from _wrapped(safe(f"{said['who']} says: {said['verdict']}{note}"), width)

    reasons: Sequence[Reason] = shape["reasons"]
    if reasons or shape["hits"]:
        yield ""
        yield f"{shape['base']:6.1f}  where every mail starts"
    for title, ordered in (
        ("What raises it", [r for r in reasons if r.points > 0]),
        ("What lowers it", sorted((r for r in reasons if r.points < 0), key=lambda r: r.points)),
    ):
        if ordered:
            yield from ["", page.bold(title), *_points(ordered, width)]
    if reasons:
        yield from ["", f"{shape['score']:6.1f}  the score"]
    if free := _weightless(shape):
        yield from ["", page.bold("Also noticed, without points")]
        for hit in free:
            yield from _sign(hit["cue"], hit["evidence"], "", width)
    if shape["unknown"]:
        yield from ["", page.bold("What is not known")]
        for unknown in shape["unknown"]:
            yield from _wrapped(unknown, width, first="        ")
    yield from _besides(shape, page, width)


def _points(reasons: Sequence[Reason], width: int) -> Iterator[str]:
    small, shown = 0.0, ""
    for reason in reasons:
        if abs(reason.points) < SMALL:
            small += reason.points
            continue
        yield from _sign(reason.cue, reason.evidence, f"{reason.points:+6.1f}", width, shown)
        shown = reason.evidence
    if abs(small) >= 0.05:
        yield f"{small:+6.1f}  smaller signs"


def _sign(name: str, evidence: str, points: str, width: int, shown: str = "") -> Iterator[str]:
    from triage import texts

    # The weightiest sentences are told one by one; what is left has none to show.
    yield f"{points:6}  {'the wording of the rest' if name == WORDING and not evidence else texts.sign(name)}"
    if evidence and evidence == shown:
        yield "        (the same sentence)"
    elif evidence:
        # What the records tell is said plainly; what the mail says is quoted.
        quoted = safe(evidence) if name.startswith("context_") else f"“{safe(evidence)}”"
        yield from _wrapped(quoted, width, first="        ")


def _weightless(shape: shapes.Shape) -> list[dict[str, str]]:
    counted = {reason.cue for reason in shape["reasons"]}
    once = {str(hit["cue"]): hit for hit in reversed(shape["hits"]) if hit["cue"] not in counted}
    return [*once.values()]


def _besides(shape: shapes.Shape, page: Page, width: int) -> Iterator[str]:
    automated: Automated | None = shape["automated"]
    besides = (
        ("key sentence", shape["key_sentence"] and f"“{shape['key_sentence']}”"),
        ("emotion", shape["emotion"]),
        ("language", shape["language"]),
        ("telephone", shape["phone"]),
        ("wishes and facts", ", ".join(map(str, shape["flags"])).replace("_", " ")),
        ("automated", automated and f"{automated.ground.replace('_', ' ')}: {automated.detail}"),
    )
    told = [(name, safe(str(value))) for name, value in besides if value]
    if told:
        yield from ["", page.bold("What else was read in it")]
        for name, value in told:
            yield from _wrapped(f"{name}: {value}", width, first="        ")


def _wrapped(text: str, width: int, *, first: str = "") -> list[str]:
    import textwrap

    return textwrap.wrap(text, max(40, width), initial_indent=first, subsequent_indent=first) or [""]
