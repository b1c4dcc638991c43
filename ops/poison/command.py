"""The command: ``python -m ops poison list|replay|discard``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from ops.ages import in_words
from ops.app import target
from ops.app.storage_account import TELEMETRY
from ops.app.target import Target
from ops.console import console, plain
from ops.errors import OpsError
from ops.poison.records import GivenUpRecord, discard, file_state, records, waiting
from ops.poison.replay import replay

COLUMNS = ("file", "ETag", "given up", "from", "the file now")
EMPTY = "No file was given up."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and options."""
    parser.add_argument(
        "action",
        choices=("list", "replay", "discard"),
        help="list: show the files that were given up; replay: have them scored again; discard: delete their "
        "records, the files stay as they are",
    )
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="which, as list shows them (default: every one; discard wants them named)",
    )
    parser.add_argument("--all", action="store_true", help="discard every record")
    target.add_target_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """List, replay or discard; OpsError when a file could not be replayed, or a path is not given up."""
    if args.action == "discard" and bool(args.paths) == args.all:
        raise OpsError("discard wants the paths that `python -m ops poison list` shows, or --all")
    chosen = target.from_arguments(args)
    actions = {"list": show, "replay": replay_all, "discard": discard_all}
    actions[args.action](console(), chosen, args.paths)


def chosen_records(chosen: Target, paths: Sequence[str]) -> Iterator[GivenUpRecord]:
    """Yield the records of some paths, with or without their container's name; every one where none is named.

    Raises
    ------
    OpsError
        A path has none; the others have been yielded before.
    """
    missing = set(paths)
    for record in records(chosen.blobs):
        names = {record.path, record.path.removeprefix(f"{TELEMETRY}/")}
        if not paths or names & set(paths):
            missing -= names
            yield record
    if missing:
        listed = ", ".join(sorted(missing))
        raise OpsError(f"not given up: {listed}; `python -m ops poison list` shows what is")


def show(out: Console, chosen: Target, paths: Sequence[str]) -> None:
    """Print what was given up, and how many messages wait to be."""
    table = Table()
    for name in COLUMNS:
        table.add_column(name, overflow="fold")
    now = datetime.now(UTC)
    for record in chosen_records(chosen, paths):
        table.add_row(*map(plain, _cells(chosen, record, now)))
    if table.row_count:
        out.print(table)
    out.print("When the cause is gone: python -m ops poison replay" if table.row_count else EMPTY)
    _tell_waiting(out, chosen)


def _cells(chosen: Target, record: GivenUpRecord, now: datetime) -> tuple[str, ...]:
    entry = record.given_up
    state = "it names no file" if entry.name is None else file_state(chosen.blobs, entry.name, entry.etag)
    return record.path, entry.etag, f"{in_words(now - record.kept)} ago", entry.queue, state


def replay_all(out: Console, chosen: Target, paths: Sequence[str]) -> None:
    """Replay records, and print the result of each.

    Raises
    ------
    OpsError
        Records are left.
    """
    done, left = 0, 0
    for record in chosen_records(chosen, paths):
        replayed = replay(chosen.blobs, record)
        out.print(plain(f"{replayed.path} {replayed.message}"))
        done += 1
        left += replayed.result == "left"
    if not done:
        out.print(EMPTY)
    _tell_waiting(out, chosen)
    if left:
        raise OpsError(f"{left} of {done} records are left; see above")


def discard_all(out: Console, chosen: Target, paths: Sequence[str]) -> None:
    """Delete records, and print each."""
    done = 0
    for record in chosen_records(chosen, paths):
        discard(chosen.blobs, record)
        out.print(plain(f"{record.path} is given up no more; upload it again to have it scored"))
        done += 1
    if not done:
        out.print(EMPTY)


def _tell_waiting(out: Console, chosen: Target) -> None:
    if count := waiting(chosen.queues):
        out.print(
            f"Messages in the poison queues: about {count}. The app takes them within ten minutes; one that "
            "stays is not base64, or storage refuses the app: python -m ops doctor"
        )
