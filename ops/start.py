"""Leave the app running under devhost in the foreground, after showing what to try."""

from __future__ import annotations

import argparse
import os
import sys

from rich.console import Console

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


def run(args: argparse.Namespace) -> None:
    """Print the lines to try, then become devhost, so that Ctrl-C is its own."""
    Console(soft_wrap=True).print(lines_to_try(args.port), markup=False, highlight=False)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "devhost", "--port", str(args.port)])  # noqa: S606 (our own module)
