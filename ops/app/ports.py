"""Free TCP ports, so that what a command starts never meets an app that is already running."""

from __future__ import annotations

import socket
from contextlib import ExitStack


def free_ports(count: int) -> list[int]:
    """Return distinct TCP ports on which nothing listens.

    They were held open together while choosing, so they differ; they are free again on return.
    """
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]
