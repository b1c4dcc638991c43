"""Leave the app running under devhost in the foreground, after showing what to try."""

from __future__ import annotations

import argparse
import os
import socket
import sys

from rich.console import Console

from devhost import azurite
from ops.errors import OpsError

EXAMPLE = (
    '{"date": "2026-01-31", "serial_number": "Z305B2QN", "model": "ST4000DM000", "smart_5_raw": 48, '
    '"smart_187_raw": 12, "smart_197_raw": 8, "smart_198_raw": 8}'
)
"""A drive with reallocated, uncorrectable and pending sectors. Made up."""


def lines_to_try(port: int) -> str:
    """Return the commands that show the app at work: shell lines to paste."""
    url = f"http://localhost:{port}/api"
    return f"""Drivecast will be at http://localhost:{port}; Ctrl-C stops it. To try, in another terminal:

  curl {url}/health
  curl {url}/model
  curl {url}/predict -H 'Content-Type: application/json' \\
    -d '{EXAMPLE}'

A whole fleet: upload a Backblaze day CSV, then look into the container predictions:

  .venv/bin/python -m training simulate --drives 5000 --days 1 --output demo-output/fleet
  .venv/bin/python -m ops upload demo-output/fleet/*.csv
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--port", type=int, default=7071, help="port for HTTP (default: %(default)s)")
    parser.add_argument(
        azurite.OPTION,
        type=int,
        metavar="N",
        help="port for blobs of the storage emulator; queues N+1, tables N+2 (default: 10000)",
    )
    parser.add_argument("--no-azurite", action="store_true", help="use the emulator that runs already")


def run(args: argparse.Namespace) -> None:
    """Print the lines to try, then become devhost, so that Ctrl-C is its own.

    Raises
    ------
    OpsError
        The port is in use.
    """
    refuse_busy_port(args.port)
    Console(soft_wrap=True).print(lines_to_try(args.port), markup=False, highlight=False)
    sys.stdout.flush()
    command = [sys.executable, "-m", "devhost", "--port", str(args.port)]
    if args.azurite_port is not None:
        command += [azurite.OPTION, str(args.azurite_port)]
    if args.no_azurite:
        command.append("--no-azurite")
    os.execv(sys.executable, command)  # noqa: S606 (our own module)


def refuse_busy_port(port: int) -> None:
    """Raise OpsError if somebody listens at a port already."""
    try:
        with socket.create_server(("127.0.0.1", port)):
            return
    except OSError as error:
        raise OpsError(
            f"port {port}: {os.strerror(error.errno or 0)}; stop what uses it, or take another: "
            "`make start PORT=7072` (python -m ops start --port 7072)"
        ) from None
