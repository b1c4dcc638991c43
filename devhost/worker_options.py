"""What the supervisor and its workers agree on; imports nothing heavy, so the supervisor starts at once."""

from __future__ import annotations

from dataclasses import dataclass

CANNOT_RUN = 78
"""Exit code (EX_CONFIG) of a worker that tells the supervisor not to start it again."""

DRAIN_SECONDS = 10.0
"""How long running functions are waited for at the end; messages of those cut off are delivered again."""


@dataclass(frozen=True)
class WorkerOptions:
    """What the supervisor tells a worker, as JSON on its command line."""

    index: int
    """0 is the one that also watches containers, runs timers and prints the list of functions."""
    app: str
    listen_fd: int
    """The HTTP port's socket."""
    ready_fd: int
    """A pipe for the worker's index on a line, when it serves."""
    life_fd: int
    """A pipe that ends when the supervisor does."""
    base_url: str
    lease: float
    """Seconds after which the message of a dead worker is taken by another."""
    watch: bool
