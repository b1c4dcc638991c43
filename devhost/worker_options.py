"""Conventions of the supervisor and its workers; imports nothing heavy, so the supervisor starts at once."""

from __future__ import annotations

from dataclasses import dataclass

CANNOT_RUN = 78
"""Exit code (EX_CONFIG) of a worker that tells the supervisor not to start it again."""

TIMED_OUT = 70
"""Exit code of a worker whose function ran longer than host.json's functionTimeout."""

WORKERS_KEEP_DYING = 75
"""Exit code (EX_TEMPFAIL) of a devhost whose workers died as often as makes the Functions host end itself."""

DRAIN_SECONDS = 10.0
"""How long running functions are waited for at the end; messages of those cut off are delivered again."""


@dataclass(frozen=True)
class WorkerOptions:
    """The supervisor's options for a worker, as JSON on its command line."""

    index: int
    """0 is the one that also watches containers, runs timers and prints the list of functions."""
    app: str
    listen_fd: int
    """The HTTP port's socket."""
    ready_fd: int
    """A pipe for the worker's index on a line, when it serves."""
    held_fd: int
    """A pipe for the messages the worker holds; see :mod:`devhost.queues.held_messages`."""
    life_fd: int
    """A pipe that ends when the supervisor does."""
    base_url: str
    lease: float
    """Seconds after which a message is taken by another when its whole host has died."""
    watch: bool
