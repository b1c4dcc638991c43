"""The command: ``python -m ops poison list|replay``."""

from __future__ import annotations

import argparse

from azure.storage.queue import QueueMessage
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.ages import in_words
from ops.app import target
from ops.app.target import Target
from ops.console import console
from ops.errors import OpsError
from ops.poison import message as poison_message
from ops.poison.queue import QUEUES, PoisonQueue, age, count, count_all, file_state, shown, taken
from ops.poison.replay import LEASE_SECONDS, replay

COLUMNS = ("file", "ETag", "tries", "given up", "the file now")
EMPTY = "The poison queues are empty: no file was given up."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and options."""
    parser.add_argument(
        "action",
        choices=("list", "replay"),
        help="list: show what is in the queues; replay: have every file of them scored again",
    )
    target.add_target_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """List or replay; OpsError when a message could not be replayed."""
    chosen = target.from_arguments(args)
    if args.action == "list":
        show(console(), chosen)
    else:
        replay_all(console(), chosen)


def show(out: Console, chosen: Target) -> None:
    """Print what is in the poison queues."""
    anything = False
    for each in QUEUES:
        queue = chosen.queues.get_queue_client(each.name)
        if messages := shown(queue):
            out.print(_table(chosen, each, messages))
            anything = True
            if (all_of_them := count(queue)) > len(messages):
                out.print(f"{len(messages)} of about {all_of_them}: the service shows no more at a time.")
    out.print(
        "When the cause is gone: python -m ops poison replay"
        if anything
        else _nothing(count_all(chosen.queues))
    )


def _table(chosen: Target, queue: PoisonQueue, messages: list[QueueMessage]) -> Table:
    table = Table(title=queue.name, title_justify="left")
    for name in COLUMNS:
        table.add_column(name, overflow="fold")
    for each in messages:
        given_up = f"{in_words(age(each))} ago"
        file = poison_message.read(each.content)
        if file is None:
            cells = (f"message {each.id}", "", "", given_up, "it names no file")
        else:
            tries, state = str(queue.tries(chosen.folder)), file_state(chosen.blobs, file)
            cells = (file.path, file.etag, tries, given_up, state)
        table.add_row(*map(Text, cells))
    return table


def replay_all(out: Console, chosen: Target) -> None:
    """Replay every message, and print what became of each.

    Raises
    ------
    OpsError
        Messages are left.
    """
    done, left = 0, 0
    for each in QUEUES:
        queue = chosen.queues.get_queue_client(each.name)
        kept = []
        for message in taken(queue, LEASE_SECONDS):
            replayed = replay(chosen.blobs, queue, message)
            out.print(Text(f"{replayed.path} {replayed.told}"))
            done += 1
            if replayed.result == "left":
                kept.append(message)
        for message in kept:
            # Not before the end: a message put back at once would be taken again by this very loop.
            queue.update_message(message, visibility_timeout=0)
        left += len(kept)
    if not done:
        out.print(_nothing(count_all(chosen.queues)))
    if left:
        raise OpsError(f"{left} of {done} messages are left; see above")


def _nothing(hidden: int) -> str:
    if hidden:
        return (
            f"No message shows, but there are about {hidden}: somebody else is replaying, or was when it was "
            f"interrupted; what is left shows again within {LEASE_SECONDS // 60} minutes."
        )
    return EMPTY
