"""`triage train`: refits the weights of the ranking from a labelled corpus and the team's feedback."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from triage.cli.app import CommandLine, Panel, options
from triage.cli.output import Column, Page, Problem, Result, table
from triage.errors import Exit, UsageError


def register(line: CommandLine) -> None:
    line.add("train", train, panel=Panel.SETUP, example="triage train --corpus training --into my-weights")


def train(
    ctx: typer.Context,
    corpus: Annotated[
        Path, typer.Option(metavar="FOLDER", help="The labelled corpus: training/ of the source.")
    ] = Path("training"),
    into: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Where the weights go (default: beside the store, in use at once)."
        ),
    ] = None,
    leave_out: Annotated[
        list[str] | None,
        typer.Option("--leave-out", metavar="FILE", help="Train without this file (may be repeated)."),
    ] = None,
    with_feedback: Annotated[
        bool,
        typer.Option("--with-feedback", help="Learn from the team's feedback; refused if it ranks worse."),
    ] = False,
    revert: Annotated[bool, typer.Option("--revert", help="Go back to the weights before.")] = False,
) -> Result:
    """Refits the ranking's weights; installs them only if they are not worse."""
    from triage.ranking import training
    from triage.ranking.training import team

    if revert:
        folder = _team_folder(ctx)
        said = team.revert(folder)
        return Result(data=_data(folder), text=f"{said}.")
    if into is None and not with_feedback:
        raise UsageError("give --into FOLDER, or --with-feedback", hint="triage train --into my-weights")
    if not with_feedback and into is not None:
        figures = training.train(corpus, into, leave_out=leave_out or ())
        rows = team.figures_of(figures)
        return Result(
            data=_data(into, figures=rows),
            text=lambda page: (
                _table(rows, page) + f"\nThe weights are in {into}: triage rank --weights {into} …"
            ),
        )
    return _with_feedback(ctx, corpus, into, leave_out or [])


def _with_feedback(ctx: typer.Context, corpus: Path, into: Path | None, leave_out: list[str]) -> Result:
    from triage import bootstrap
    from triage.bootstrap import passes
    from triage.ranking.model import packaged_weights
    from triage.ranking.training import score, team

    folder = into or _team_folder(ctx)
    with bootstrap.open_workplace(bootstrap.read_config(options(ctx).config)) as place:
        said = [(f"m{s.message}", s.subject, s.text, s.said) for s in place.store.feedback.all()]
    own = [score.see(m) for m in team.labelled(said)]
    present = passes.team_weights(folder) or packaged_weights()
    with tempfile.TemporaryDirectory() as scratch:
        base = team.base_of(corpus, leave_out)
        compared = team.compare(base, own, present=present, scratch=Path(scratch))
        change = (
            f"average precision on your {compared.messages} mails with feedback:"
            f" {compared.present:.3f} now, {compared.refitted:.3f} refitted"
        )
        data = _data(
            folder, installed=not compared.worse, present=compared.present, refitted=compared.refitted
        )
        if compared.worse:
            problem = Problem(
                code="worse",
                message=f"refused: {change}",
                hint="more feedback may help; the weights are as before",
            )
            return Result(data=data, exit=Exit.FOUND, errors=(problem,))
        score.fit_and_write([*base, *own], corpus, Path(scratch) / "made")
        team.install(Path(scratch) / "made", folder)
    return Result(data=data, text=f"Installed: {change}. To go back: triage train --revert")


def _team_folder(ctx: typer.Context) -> Path:
    from triage import bootstrap
    from triage.bootstrap import passes

    return passes.weights_folder(bootstrap.read_config(options(ctx).config))


def _data(
    folder: Path,
    *,
    installed: bool = True,
    present: float | None = None,
    refitted: float | None = None,
    figures: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    return {
        "folder": folder,
        "installed": installed,
        "present": present,
        "refitted": refitted,
        "figures": figures or [],
    }


def _table(rows: list[dict[str, Any]], page: Page) -> str:
    names = ("file", "messages", "average_precision", "auc", "spearman")
    columns = [Column(title=name.replace("_", " "), right=name != "file") for name in names]
    return table(columns, [[row[name] for name in names] for row in rows], page)
