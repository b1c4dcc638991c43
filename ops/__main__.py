"""The command line of ops: ``python -m ops COMMAND``."""

from __future__ import annotations

import argparse
import importlib
import re
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING, Protocol, cast

from rich.console import Console

from ops.errors import OpsError

if TYPE_CHECKING:
    from azure.core.exceptions import AzureError

EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED = 0, 1, 130

COMMANDS = {
    "demo": "run the whole thing once: start, upload a fleet, wait, predict, show, stop",
    "start": "leave the app running and print the curl lines to try",
    "reference": "write docs/reference.md from the code",
    "upload": "upload telemetry CSVs to a running app's storage account",
    "deploy": "bring an environment to Azure: what-if, infrastructure, code, model, Event Grid, smoke",
    "restore": "put earlier code and its champion back into an environment",
    "destroy": "delete an environment from Azure, with all that is in it",
    "poison": "list the files that failed too often, and have them scored again",
    "smoke": "try an app once: health, readiness, a prediction, a file; all as recorded",
    "doctor": "check every link a file travels, and say what to do about the broken one",
    "status": "show the model that answers, and the state of the newest files",
    "watch": "follow the files that are being scored",
    "health": "ask whether the app answers and is ready",
    "logs": "show the app's last log lines",
    "cost": "estimate the cost of a fleet in Azure, a month",
}
"""Every command of ``python -m ops``: a module of this package each; a new one is one line here."""


class OpsCommand(Protocol):
    """The interface of a command's module."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options and arguments."""

    def run(self, args: argparse.Namespace) -> None:
        """Do the work; raise OpsError when it cannot be done."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command with its arguments; ``sys.argv[1:]`` by default.

    Returned is 0 when the command did its work, 1 when it failed, 2 for wrong usage, 130 when interrupted.
    """
    parser = argparse.ArgumentParser(prog="python -m ops", description="Operate Drivecast.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    modules: dict[str, OpsCommand] = {}
    for name, summary in COMMANDS.items():
        modules[name] = cast(OpsCommand, importlib.import_module(f"ops.{name}"))
        modules[name].add_arguments(
            commands.add_parser(name, help=summary, description=modules[name].__doc__)
        )
    args = parser.parse_args(argv)
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        modules[args.command].run(args)
    except KeyboardInterrupt:
        return _fail("interrupted", EXIT_INTERRUPTED)
    except Exception as error:
        if (message := _for_people(error)) is None:
            raise
        log = error.log if isinstance(error, OpsError) else []
        return _fail(message, EXIT_FAILED, log)
    finally:
        signal.signal(signal.SIGTERM, before)
    return EXIT_DONE


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    # A terminated command stops what it started, exactly as after Ctrl-C.
    raise KeyboardInterrupt


def _for_people(error: Exception) -> str | None:
    """Return the line for a failure that is not ours to repair, None for a defect of this program."""
    import httpx
    from azure.core.exceptions import AzureError, ServiceRequestError

    if isinstance(error, OpsError):
        return str(error)
    if isinstance(error, ServiceRequestError):
        return (
            f"no storage account can be reached{_address_of(error)}: for the app of this machine run `make "
            "start`, for another look at its name (--account, --storage) and the network"
        )
    if isinstance(error, AzureError):
        return f"the storage account did not do as asked: {' '.join(error.message.split())}"
    if isinstance(error, httpx.HTTPError):
        return f"the app did not answer: {error}"
    if isinstance(error, OSError):
        return f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"
    return None


def _address_of(error: AzureError) -> str:
    """Return where a request was sent that did not arrive, as the library below names it."""
    found = re.search(r"host='([^']*)', port=(\d+)", error.message)
    return f" at {found[1]}:{found[2]}" if found else ""


def _fail(message: str, code: int, log: Sequence[str] = ()) -> int:
    console = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
    for line in log:
        console.print(f"  | {line}", style="dim")
    console.print(f"error: {message}", style="bold red")
    return code


if __name__ == "__main__":
    sys.exit(main())
