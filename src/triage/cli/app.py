"""The command line: which commands there are, and what all of them have in common.

How to add a command
--------------------
1. In a module of `triage.cli` write a plain function. Its docstring's first line is the
   help (no square brackets: rich would take them for markup); it declares arguments as
   Typer does and returns a `Result`; it imports what is heavy inside its body; errors
   for the user are TriageErrors, just raised.
2. Give the module a `register` that adds the function:

       def calls_show(ctx: typer.Context, ticket: Annotated[str, typer.Argument(help="Id.")]) -> Result:
           '''Shows one ticket with the brief for the call.'''
           from triage import bootstrap

           with bootstrap.open_workplace(bootstrap.read_config(options(ctx).config)) as place:
               shown = place.store.tickets.show(read_id("t", ticket))
           return Result(data=shown, text=lambda page: ...)

       def register(line: CommandLine) -> None:
           line.group("calls", "The phone-call queue.", panel=Panel.CALLS)
           line.add("calls show", calls_show, example="triage calls show t12")

3. Name the module in `build`, and write schemas/calls-show.json for its `data`.

The common options need no mention: every command takes them, before and after its name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from triage.cli.output import Options, Result, say
from triage.errors import Exit, UsageError


class Panel(StrEnum):
    """The parts of `triage --help`."""

    MAIN = "Main job"
    CALLS = "Call desk"
    RECORDS = "Records"
    SETUP = "Setup"


@dataclass(slots=True)
class Invocation:
    """One call of `triage`: filled while the command line is read, passed as `ctx.obj`."""

    command: str = "error"  # the schema's name; "error" until a command is recognised
    given: dict[str, Any] = field(default_factory=dict)

    @property
    def options(self) -> Options:
        return Options(**self.given)


def options(ctx: typer.Context) -> Options:
    """The common options of this call."""
    invocation: Invocation = ctx.obj
    return invocation.options


class CommandLine:
    """Gathers the commands of all modules into one Typer application."""

    def __init__(self) -> None:
        self.app = typer.Typer(
            cls=Group,
            help="Ranks support mail: the worst to a phone-call queue, holding replies into Drafts.",
            epilog="Start with: triage demo, then triage init",
            context_settings={"help_option_names": ["--help", "-h"]},
            pretty_exceptions_enable=False,
        )
        self.app.callback(invoke_without_command=True)(_root)
        self._groups: dict[str, typer.Typer] = {}

    def group(self, name: str, help: str, *, panel: Panel) -> None:
        """A noun with commands below it."""
        group = self._groups[name] = typer.Typer(cls=Group, help=help)
        group.callback(invoke_without_command=True)(_noun)
        self.app.add_typer(group, name=name, rich_help_panel=panel)

    def add(
        self, path: str, function: Callable[..., Result], *, example: str, panel: Panel | None = None
    ) -> None:
        """A command: "rank", or "calls list" below the group "calls". The panel is for top ones."""
        group, _, name = path.rpartition(" ")
        target = self._groups[group] if group else self.app
        target.command(
            name,
            cls=Command,
            epilog=f"Example: {example}".replace("[", r"\["),
            rich_help_panel=panel,
        )(function)

    def command(self) -> Any:
        return typer.main.get_command(self.app)


def build() -> Any:
    """The whole command line, as Typer's (vendored click) command object."""
    from triage.cli import (
        calls,
        contact,
        demo,
        drafts,
        evaluate,
        explain,
        feedback,
        incidents,
        messages,
        promises,
        quarantine,
        rank,
        records,
        report,
        run,
        schema,
        setup,
        templates,
        train,
    )

    line = CommandLine()
    # In the order of --help.
    for module in (
        demo,
        run,
        rank,
        explain,
        evaluate,
        calls,
        contact,
        promises,
        incidents,
        feedback,
        messages,
        drafts,
        quarantine,
        records,
        report,
        setup,
        templates,
        train,
        schema,
    ):
        module.register(line)
    return line.command()


# --------------------------------------------------------------------------- common options


def _common_options() -> list[TyperOption]:
    def option(*names: str, help: str, **more: Any) -> TyperOption:
        return TyperOption(
            param_decls=list(names),
            help=help,
            callback=_remember,
            expose_value=False,
            rich_help_panel="Common options",
            **more,
        )

    def flag(*names: str, help: str) -> TyperOption:
        return option(*names, help=help, is_flag=True, default=False)

    return [
        option(
            "--config", metavar="FILE", help="The configuration (else TRIAGE_CONFIG, else the XDG folder)."
        ),
        flag("--json", help="Print one JSON object (see: triage schema)."),
        flag("--quiet", "-q", help="Say nothing but errors and what was asked for."),
        flag("--verbose", "-v", help="Say on stderr what is being done."),
        flag("--no-color", help="No colour (also: NO_COLOR)."),
        flag("--debug", help="Show the traceback of a bug."),
    ]


def _remember(ctx: Any, param: Any, value: Any) -> None:
    """Keeps what was given, so that an option counts before and after the command's name."""
    if value and isinstance(ctx.obj, Invocation):
        ctx.obj.given[param.name] = value


class Command(TyperCommand):
    """A command with the common options, whose name the invocation notes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(_common_options())

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if isinstance(ctx.obj, Invocation):
            ctx.obj.command = "-".join(ctx.command_path.split()[1:])
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        _set_up_logging(options(ctx))
        return super().invoke(ctx)


class Group(TyperGroup):
    """A group of commands that takes the common options too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(_common_options())


def _root(
    ctx: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version.", is_eager=True),
) -> Result | None:
    if not version:
        return _noun(ctx)
    from importlib.metadata import version as installed

    number = installed("triage-desk")
    ctx.obj.command = "version"
    return Result(data={"version": number}, text=f"triage {number}")


def _noun(ctx: typer.Context) -> Result | None:
    """What a group does without a command: it shows its help, and that is a usage error."""
    if ctx.invoked_subcommand is not None:
        return None
    if options(ctx).json:
        raise UsageError("a command is missing", hint=f"{ctx.command_path} --help")
    return Result(text=ctx.get_help(), exit=Exit.USAGE)


def _set_up_logging(options: Options) -> None:
    """Log lines go to stderr as "triage: …"; imapclient's never (they hold whole mails)."""
    import logging

    class OnStderr(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            say(record.getMessage())

    logger = logging.getLogger("triage")
    logger.handlers = [OnStderr()]
    logger.propagate = False
    levels = {logging.DEBUG: options.debug, logging.INFO: options.verbose, logging.ERROR: options.quiet}
    logger.setLevel(next((level for level, wanted in levels.items() if wanted), logging.WARNING))
    silent = logging.getLogger("imapclient")
    silent.handlers = [logging.NullHandler()]
    silent.propagate = False
