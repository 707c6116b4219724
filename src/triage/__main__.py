"""The entry point: runs one command and turns whatever happens into an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from triage.errors import Exit, TriageError

if TYPE_CHECKING:
    from triage.cli.app import Invocation
    from triage.cli.output import Problem, Result


def main(argv: Sequence[str] | None = None) -> int:
    """Runs `triage` with these arguments (sys.argv's by default); returns the exit code.

    With --json exactly one object is printed on stdout, also for a usage error or a bug.
    """
    from triage.cli.app import Invocation
    from triage.cli.output import emit

    args = list(sys.argv[1:] if argv is None else argv)
    asked = args[: args.index("--")] if "--" in args else args.copy()  # parsing empties `args`
    debug = "--debug" in asked
    if "--no-color" in asked:
        os.environ["NO_COLOR"] = "1"  # the help pages know no other way

    invocation = Invocation()
    result = _caught(lambda: _invoke(args, invocation), debug=debug)
    if result is None:  # --help was shown
        return Exit.OK
    if result.errors and "--json" in asked:  # it may have failed before all options were read
        invocation.given["json"] = True
    failure = _caught(lambda: emit(result, invocation.options, command=invocation.command), debug=debug)
    if failure:
        emit(failure, invocation.options, command=invocation.command)
    return (failure or result).exit


def _invoke(args: list[str], invocation: Invocation) -> Result | None:
    """The command's result, or None if only --help was wanted."""
    import typer

    from triage.cli.app import build
    from triage.cli.output import Result

    command = build()
    if "_TRIAGE_COMPLETE" in os.environ:  # a shell asks for completions: this answers and exits
        command.main(args=args, prog_name="triage")
    try:
        with command.make_context("triage", args, obj=invocation) as context:
            result = command.invoke(context)
    except typer.Exit:
        return None
    if not isinstance(result, Result):
        raise TypeError(f"the command {invocation.command} gave back no Result")
    return result


def _caught(action: Callable[[], Result | None], *, debug: bool) -> Result | None:
    """What the action gives back; whatever it raises becomes a Result too."""
    import typer

    from triage.cli.output import Problem, Result

    try:
        return action()
    except TriageError as error:
        return Result(exit=error.exit, errors=(Problem.of(error),))
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        hint = f"{context.command_path if context else 'triage'} --help"
        return Result(
            exit=Exit.USAGE, errors=(Problem(code="usage", message=error.format_message(), hint=hint),)
        )
    except (KeyboardInterrupt, typer.Abort):
        return Result(exit=Exit.INTERRUPTED, errors=(Problem(code="interrupted", message="interrupted"),))
    except Exception as error:
        return Result(exit=Exit.BUG, errors=(_bug(error, debug=debug),))


def _bug(error: Exception, *, debug: bool) -> Problem:
    """Says what broke and where. The exception's own words may hold mail: only with --debug."""
    import traceback

    from triage.cli.output import Problem

    if debug:
        traceback.print_exception(error)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
    hint = "please report it" if debug else "please report it; --debug shows more"
    return Problem(code="bug", message=f"a bug in triage: {place}", hint=hint)


if __name__ == "__main__":
    sys.exit(main())
