"""The command: ``python -m ops poison list|replay``."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from ops.ages import in_words
from ops.app import target
from ops.app.target import Target
from ops.console import console, plain
from ops.errors import OpsError
from ops.poison.records import GivenUpRecord, file_state, records, waiting
from ops.poison.replay import replay

COLUMNS = ("file", "ETag", "given up", "from", "the file now")
EMPTY = "No file was given up."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and options."""
    parser.add_argument(
        "action",
        choices=("list", "replay"),
        help="list: show the files that were given up; replay: have every one of them scored again",
    )
    target.add_target_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """List or replay; OpsError when a file could not be replayed."""
    chosen = target.from_arguments(args)
    if args.action == "list":
        show(console(), chosen)
    else:
        replay_all(console(), chosen)


def show(out: Console, chosen: Target) -> None:
    """Print what was given up, and how many messages wait to be."""
    table = Table()
    for name in COLUMNS:
        table.add_column(name, overflow="fold")
    now = datetime.now(UTC)
    for record in records(chosen.blobs):
        table.add_row(*map(plain, _cells(chosen, record, now)))
    if table.row_count:
        out.print(table)
    out.print("When the cause is gone: python -m ops poison replay" if table.row_count else EMPTY)
    _tell_waiting(out, chosen)


def _cells(chosen: Target, record: GivenUpRecord, now: datetime) -> tuple[str, ...]:
    entry = record.given_up
    state = "it names no file" if entry.name is None else file_state(chosen.blobs, entry.name, entry.etag)
    return record.path, entry.etag, f"{in_words(now - record.kept)} ago", entry.queue, state


def replay_all(out: Console, chosen: Target) -> None:
    """Replay every record, and print the result of each.

    Raises
    ------
    OpsError
        Records are left.
    """
    done, left = 0, 0
    for record in records(chosen.blobs):
        replayed = replay(chosen.blobs, record)
        out.print(plain(f"{replayed.path} {replayed.message}"))
        done += 1
        left += replayed.result == "left"
    if not done:
        out.print(EMPTY)
    _tell_waiting(out, chosen)
    if left:
        raise OpsError(f"{left} of {done} records are left; see above")


def _tell_waiting(out: Console, chosen: Target) -> None:
    if count := waiting(chosen.queues):
        out.print(
            f"Messages in the poison queues: about {count}. The app takes them within ten minutes; one that "
            "stays is not base64, or storage refuses the app: python -m ops doctor"
        )
