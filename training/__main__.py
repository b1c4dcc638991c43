"""The command line of training: ``python -m training COMMAND``.

A command is a module with ``add_arguments(parser)`` and ``run(args) -> int``. It is imported only once it is
known to be the one asked for, so that ``--help`` and a mistyped command answer at once.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import sys
from collections.abc import Sequence
from typing import NamedTuple, Protocol, cast


class Command(NamedTuple):
    """Where a command lives and what it does."""

    module: str
    summary: str


class TrainingCommand(Protocol):
    """The interface of a command's module."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options and arguments."""

    def run(self, args: argparse.Namespace) -> int:
        """Do the work and return the exit code."""


COMMANDS: dict[str, Command] = {
    "train": Command(
        "training.commands.train", "train on telemetry, test forward in time, register the versions"
    ),
    "retrain": Command(
        "training.commands.retrain", "train anew; register a version better than the champion as challenger"
    ),
    "download": Command(
        "training.commands.download", "fetch a quarter of telemetry as Backblaze published it"
    ),
    "explore": Command("training.commands.explore", "write an HTML report on telemetry"),
    "simulate": Command("training.commands.simulate", "write day CSVs of a simulated fleet"),
    "backtest": Command(
        "training.commands.backtest", "replay a period day by day as production would have scored it"
    ),
    "compare": Command("training.commands.compare", "show two versions' evaluations side by side"),
    "list": Command("training.commands.list_versions", "list the registered versions and their aliases"),
    "card": Command("training.commands.show_card", "print a version's card"),
    "publish": Command("training.commands.publish", "upload a version into a storage account"),
    "promote": Command(
        "training.commands.promote", "make a version the champion, or point another alias to it"
    ),
    "upgrade": Command(
        "training.commands.upgrade", "give versions of an earlier release golden telemetry and digests"
    ),
    "track": Command("training.commands.track", "record versions in MLflow that were trained without"),
    "rollback": Command("training.commands.rollback", "make the previous champion the champion again"),
}
"""Every command of ``python -m training``; a new one is one line here."""

EXIT_FAILED, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130


def usage() -> str:
    """Return the help text: every command with its summary."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {command.summary}" for name, command in COMMANDS.items()]
    return "\n".join(
        [
            "usage: python -m training COMMAND [options]",
            "",
            "commands:",
            *lines,
            "",
            "`python -m training COMMAND --help` explains one.",
        ]
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        Command name and its arguments; ``sys.argv[1:]`` when not given.

    Returns
    -------
    int
        0 when the command did its work, 1 when it failed, 2 for wrong usage, 130 when interrupted.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0] in ("-h", "--help"):
        print(usage())
        return 0
    if not arguments:
        print(usage(), file=sys.stderr)
        return EXIT_USAGE
    name = arguments.pop(0)
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        print(f"error: there is no command {name!r}{hint}\n\n{usage()}", file=sys.stderr)
        return EXIT_USAGE
    return _run(name, arguments)


def _run(name: str, arguments: list[str]) -> int:
    from functions.errors import DrivecastError

    command = COMMANDS[name]
    module = cast(TrainingCommand, importlib.import_module(command.module))
    parser = argparse.ArgumentParser(prog=f"python -m training {name}", description=module.__doc__)
    module.add_arguments(parser)
    try:
        args = parser.parse_args(arguments)
    except SystemExit as stop:  # argparse has printed what is wrong; the code it chose is the answer
        return int(stop.code or 0)
    try:
        return module.run(args)
    except DrivecastError as error:
        print(f"error: {error.detail}", file=sys.stderr)
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        print(f"error: {error.strerror or error}{where}", file=sys.stderr)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    return EXIT_FAILED


if __name__ == "__main__":
    sys.exit(main())
