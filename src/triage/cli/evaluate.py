"""`triage evaluate`: how far the ranking agrees with what people said. Nothing is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli import shapes
from triage.cli.app import CommandLine, Panel, options
from triage.cli.output import Column, Page, Problem, Result, safe, shorten, show_id, table
from triage.cli.rank import in_short, of_path, settings_for
from triage.errors import Exit, InputError
from triage.types import Assessment, MessageRef, Reason, Verdict

if TYPE_CHECKING:
    from triage.pipeline import AccountSettings
    from triage.ranking.evaluate import Case, Evaluation, Miss
    from triage.store.feedback import Said

FEEDBACK = "feedback"
WORST = 10  # misses that people are shown

KINDS = {
    "dropped": "nobody would answer",
    "missed_call": "no call",
    "mailed": "mail to nobody",
    "false_call": "needless call",
}


def register(line: CommandLine) -> None:
    line.add("evaluate", evaluate, panel=Panel.MAIN, example="triage evaluate feedback")


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """The cases of one evaluation, and the labelled mails that could not be ranked."""

    cases: tuple[Case, ...]
    missing: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()


def evaluate(
    ctx: typer.Context,
    labels: Annotated[
        str,
        typer.Argument(
            metavar="LABELS",
            help="A labels.csv beside its mails (or their folder), a labelled .jsonl, or the word feedback.",
        ),
    ],
    account: Annotated[
        str, typer.Option(metavar="NAME", help="By this account's settings; of feedback only its own.")
    ] = "",
    capacity: Annotated[
        int, typer.Option(min=0, help="Calls that the team makes in a day (0: as configured).")
    ] = 0,
    again: Annotated[
        bool, typer.Option("--again", help="Rank the texts of feedback anew, without the records.")
    ] = False,
) -> Result:
    """Measures the ranking against labels or feedback: order, verdicts, scores, the worst misses."""
    from triage.ranking import evaluate as measuring

    settings = settings_for(options(ctx).config, account)
    found = (
        _of_feedback(options(ctx).config, account, again=again)
        if labels == FEEDBACK
        else _of_labels(Path(labels), settings)
    )
    measured = measuring.evaluate(found.cases, capacity=capacity or settings.calls_per_day)
    return Result(
        data=_shape(measured),
        text=lambda page: "\n".join(_lines(measured, page)),
        exit=Exit.DATA if found.missing else Exit.OK,
        errors=found.missing,
        warnings=found.warnings,
    )


# --------------------------------------------------------------------------- where labels are from


def _of_labels(path: Path, settings: AccountSettings) -> Labelled:
    from triage.intake import labels
    from triage.ranking.evaluate import Case

    labelled = labels.read(path)
    cases, missing, seen = [], [], set()
    for ranked in of_path(labelled.mails, settings):
        label = labelled.labels.get(ranked.id)
        if label is None:
            continue
        seen.add(ranked.id)
        if ranked.message is None or ranked.assessment is None:
            missing.append(Problem(code="bad_input", message=f"{ranked.id}: {ranked.error}"))
            continue
        cases.append(
            Case(
                id=ranked.id,
                label=label.verdict,
                priority=label.priority,
                score=ranked.assessment.score,
                verdict=ranked.assessment.verdict,
                words=len(ranked.message.new_text.split()),
                subject=ranked.message.subject,
                reasons=ranked.assessment.reasons,
            )
        )
    missing += [
        Problem(code="not_found", message=f"{id} is labelled, but {labelled.mails} has no such mail")
        for id in sorted(set(labelled.labels) - seen)
    ]
    without = (f"{labelled.without} lines without a verdict were left out",) if labelled.without else ()
    return Labelled(cases=tuple(cases), missing=tuple(missing), warnings=without)


def _of_feedback(config_file: str | None, account: str, *, again: bool) -> Labelled:
    from triage import bootstrap

    config = bootstrap.read_config(config_file)
    if account:
        config.chosen((account,))
    with bootstrap.open_workplace(config) as place:
        said = place.store.feedback.all(account)
    if not said:
        raise InputError(
            "there is no feedback yet", hint="triage feedback m12 call, or close calls with outcomes"
        )
    kept = [one for one in said if one.text or not again]
    gone = len(said) - len(kept)
    cases = tuple(_of_said(kept, config_file, config.team.timezone, again=again))
    return Labelled(cases=cases, warnings=(f"{gone} texts have expired",) if gone else ())


def _of_said(said: Iterable[Said], config_file: str | None, timezone: str, *, again: bool) -> Iterator[Case]:
    """Feedback as cases: by the score that each mail had when it came, or by today's."""
    from zoneinfo import ZoneInfo

    from triage.ranking.evaluate import Case

    zone = ZoneInfo(timezone)
    settings: dict[str, AccountSettings] = {}
    for one in said:
        kept = one.assessment.get("reasons")
        case = Case(
            id=show_id("m", one.message),
            label=one.said,
            score=one.score,
            verdict=one.verdict,
            words=len(one.text.split()),
            day=one.received.astimezone(zone).date() if one.received else None,
            subject=one.subject,
            reasons=tuple(Reason(**reason) for reason in kept) if isinstance(kept, list) else (),
        )
        # That a machine wrote it was seen in headers, which are not kept.
        if again and not one.assessment.get("automated"):
            if one.account not in settings:
                settings[one.account] = settings_for(config_file, one.account)
            now = _judged_again(one, settings[one.account])
            case = replace(case, score=now.score, verdict=now.verdict, reasons=now.reasons)
        yield case


def _judged_again(said: Said, settings: AccountSettings) -> Assessment:
    from triage.intake.rows import to_message
    from triage.pipeline.message import judge

    message = to_message(
        {"subject": said.subject, "body": said.text, "from": said.sender.address if said.sender else ""},
        ref=MessageRef(account=said.account, mailbox="", key=str(said.message)),
        now=said.received or said.at,
    )
    # The stored text is what was newly written: nothing more is to be cut off.
    return judge(replace(message, new_text=said.text), settings)


# --------------------------------------------------------------------------- JSON


def _shape(measured: Evaluation) -> shapes.Shape:
    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 4)

    return {
        "mails": measured.mails,
        "calls": measured.calls,
        "chance": rounded(measured.chance),
        "average_precision": rounded(measured.average_precision),
        "auc": rounded(measured.auc),
        "auc_matched": rounded(measured.auc_matched),
        "spearman": rounded(measured.spearman),
        "recall_at_calls": rounded(measured.recall_at_calls),
        "capacity": measured.capacity,
        "recall_at_capacity": rounded(measured.recall_at_capacity),
        "accuracy": rounded(measured.accuracy),
        "confusion": measured.confusion,
        "calibration": [
            {
                "least": b.least,
                "below": b.below,
                "mails": b.mails,
                "calls": b.calls,
                "mean_score": rounded(b.mean_score),
            }
            for b in measured.calibration
        ],
        "calibration_error": rounded(measured.calibration_error),
        "misses": [
            {
                "id": miss.case.id,
                "kind": miss.kind,
                "label": miss.case.label,
                "verdict": miss.case.verdict,
                "score": round(miss.case.score, 2),
                "priority": miss.case.priority,
                "subject": miss.case.subject,
                "reasons": list(miss.case.reasons),
            }
            for miss in measured.misses
        ],
    }


# --------------------------------------------------------------------------- text


def _lines(measured: Evaluation, page: Page) -> Iterator[str]:
    yield f"{measured.mails} labelled mails, {measured.calls} of them calls"
    yield from ["", page.bold("Does it put the calls first?")]
    chance = measured.chance
    for name, value, remark in (
        (
            "average precision",
            measured.average_precision,
            f"by lot {chance:.2f}" if chance is not None else "",
        ),
        ("AUC", measured.auc, "how often a call stands before another mail; by lot 0.50"),
        ("AUC, equal lengths", measured.auc_matched, "the same, only among mails of similar length"),
        ("rank correlation", measured.spearman, "with the labelled priority"),
        (
            "recall, as many as calls",
            measured.recall_at_calls,
            f"of the calls, in the first {measured.calls}",
        ),
        (
            "recall at capacity",
            measured.recall_at_capacity,
            f"of the calls, in a day's first {measured.capacity}",
        ),
    ):
        if value is not None:
            yield f"  {name:<25} {value:5.2f}   {remark}".rstrip()
    yield from ["", page.bold("Is the verdict right?")]
    if measured.accuracy is not None:
        yield f"  in {100 * measured.accuracy:.0f} of 100 mails. Rows: the label; columns: the ranking."
    rows = [(f"  {label}", *(measured.confusion[label][verdict] for verdict in Verdict)) for label in Verdict]
    yield table(
        [Column(title="       "), *(Column(title=verdict, right=True) for verdict in Verdict)], rows, page
    )
    yield from ["", page.bold("Does the score mean what it says?")]
    yield "  Of mails scored 80, about 80 in 100 should be calls."
    yield table(
        [Column(title="  score", right=True), Column(title="mails", right=True), Column(title="calls", right=True),
         Column(title="in 100", right=True)],
        [
            (f"  {b.least}-{b.below}", b.mails, b.calls, f"{100 * b.calls / b.mails:.0f}")
            for b in measured.calibration
            if b.mails
        ],
        page,
    )  # fmt: skip
    if measured.misses:
        yield from ["", page.bold(f"The worst misses ({len(measured.misses)} in all)")]
        for miss in measured.misses[:WORST]:
            yield from _miss(miss, page)


def _miss(miss: Miss, page: Page) -> Iterator[str]:
    case, width = miss.case, page.width or 10_000
    head = f"  {KINDS[miss.kind]}: {case.id}, {case.score:.0f} points, is {case.label}: {safe(case.subject)}"
    yield shorten(head, width)
    told = ", ".join(f"{sign} {points:+.0f}" for sign, points in in_short(case.reasons))
    yield shorten(f"      {told or 'no sign was found in it'}", width)
