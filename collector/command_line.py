"""The command: its settings, one run, its lines and its exit code."""

from __future__ import annotations

import os
import sys
from typing import Sequence

from collector.errors import BusyError, CollectError
from collector.exit_codes import BUSY, CONFIGURATION
from collector.run import run
from collector.settings import read_settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code, see `collector.exit_codes`."""
    try:
        settings, lines = read_settings(sys.argv[1:] if arguments is None else arguments, os.environ)
        for line in lines:
            _warn(line)
        # The CSV has standard output for itself where it goes there.
        quiet = not (settings.csv or settings.append or settings.upload or settings.send)
        return run(settings, _warn, _warn if quiet else _tell).number
    except BusyError as error:
        _warn(str(error))
        return BUSY.number
    except CollectError as error:
        _warn(str(error))
        return CONFIGURATION.number


def _warn(line: str) -> None:
    print("drivecast-collect:", line, file=sys.stderr, flush=True)


def _tell(line: str) -> None:
    print(line, flush=True)
