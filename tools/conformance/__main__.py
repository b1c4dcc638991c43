"""``make conformance``: asks ``func start`` the recorded requests and prints where its answers differ.

They are held to the recordings of Microsoft's host and to devhost's answers of the same moment. Where Core
Tools are not installed nothing is run, and one line says so.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.conformance.asking import HostKeys, ask_all
from tools.conformance.hosts import HostError, prepare, storage, under_devhost, under_func
from tools.conformance.recordings import Recording, load

RECORDINGS = ("probe", "drivecast")
ABOUT_KEYS = (401, 403)
"""Statuses of requests that are left out: ``func start`` asks for no keys."""

KEYS = HostKeys(function="a-function-key", master="a-master-key", system="a-system-key")
"""Sent where a request has a key; nobody looks at them."""

NOT_RUN = (
    "conformance: NOT RUN: Core Tools are not installed, so func start was not asked "
    "(npm install --global azure-functions-core-tools@4)"
)


def make_parser() -> argparse.ArgumentParser:
    """Build the command line."""
    parser = argparse.ArgumentParser("python -m tools.conformance", description=__doc__)
    parser.add_argument("--func", default="func", help="Core Tools' command (default: func)")
    parser.add_argument(
        "--recording", choices=RECORDINGS, action="append", help="only this list of requests (default: both)"
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison.

    Returned is 0 when nothing differs or Core Tools are absent, 1 when something differs, 2 when a host does
    not start.
    """
    options = make_parser().parse_args(arguments)
    func = shutil.which(options.func)
    if func is None:
        print(NOT_RUN)
        return 0
    try:
        found = [compare(load(name), func) for name in options.recording or RECORDINGS]
    except HostError as error:
        print(f"conformance: {error}", file=sys.stderr)
        return 2
    return 1 if any(found) else 0


def compare(recording: Recording, func: str) -> int:
    """Ask both hosts one list of requests, print what differs, and return how many lines that were."""
    asked = [
        request
        for request in recording.requests
        if recording.answers[str(request["name"])].status not in ABOUT_KEYS
    ]
    with TemporaryDirectory() as location, storage(Path(location) / "azurite") as connection:
        folder = Path(location) / "app"
        prepare(recording.name, folder, connection)
        with under_func(func, folder) as port:
            found = ask_all("127.0.0.1", port, asked, KEYS)
        with under_devhost(folder) as port:
            own = ask_all("127.0.0.1", port, asked, KEYS)
    left_out = len(recording.requests) - len(asked)
    print(
        f"{recording.name}: func start was asked {len(asked)} requests; {left_out} were left out, "
        "which the host answered 401 or 403: func start asks for no keys"
    )
    return _print("the recording", recording.differences(found)) + _print(
        "devhost", recording.differences(found, own)
    )


def _print(whose: str, differing: Mapping[str, Sequence[str]]) -> int:
    print(f"  {len(differing)} differ from {whose}")
    for name, found in differing.items():
        print(f"    {name}: {'; '.join(found)}")
    return len(differing)


if __name__ == "__main__":
    sys.exit(main())
