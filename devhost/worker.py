"""One worker process: the app indexed, its HTTP functions served, its triggers delivered.

Started by the supervisor as ``python -m devhost.worker JSON``; ends when told to (SIGTERM) or when the
supervisor is gone.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Protocol

import uvicorn
from azure.core.exceptions import AzureError

from devhost import banner, host_config, logs
from devhost.app_settings import HOST_CONNECTION
from devhost.blobs.delivery import BlobDelivery, blob_functions
from devhost.blobs.event_grid import Webhook
from devhost.blobs.receipts import host_id
from devhost.blobs.trigger import BlobWatcher, ensure_containers
from devhost.errors import DevhostError
from devhost.http.admin import HostPages
from devhost.http.cors import read_cors, with_cors
from devhost.http.keys import describe, read_keys
from devhost.http.protocol import KestrelProtocol
from devhost.http.server import make_app
from devhost.http.threads import HttpThreads, thread_count
from devhost.invocations import Invoker
from devhost.manual_run import run_by_hand
from devhost.outputs import Outputs
from devhost.queues.held_messages import Notes
from devhost.queues.listener import QueueListener
from devhost.queues.trigger import make_listener, queue_name
from devhost.runtime import Runtime
from devhost.storage import HOST_CONTAINER, blob_service, ensure_container, explain
from devhost.timer_trigger import Timer
from devhost.worker_options import CANNOT_RUN, DRAIN_SECONDS, WorkerOptions

log = logging.getLogger("Host.Startup")


class Trigger(Protocol):
    """Something that starts functions until it is stopped."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """Start no more functions."""


class _Server(uvicorn.Server):
    """uvicorn, with signals left to the worker."""

    on_started: Callable[[], None]

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the process's signal handlers as they are."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start serving, then say so."""
        await super().startup(sockets)
        self.on_started()


def main() -> int:
    """Run a worker; the exit code."""
    options = WorkerOptions(**json.loads(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the supervisor, which tells us
    try:
        return _run(options)
    except DevhostError as error:
        if options.index == 0:
            _print_cause(error)
            print(f"devhost: {error}", file=sys.stderr)
        return CANNOT_RUN
    except AzureError as error:
        print(f"devhost: {explain(error)}", file=sys.stderr)
        return 1


def _print_cause(error: DevhostError) -> None:
    """Show the traceback of an app that cannot be imported, if asked for: it is the developer's code."""
    if error.__cause__ is not None and os.environ.get("DEVHOST_TRACEBACK"):
        logging.getLogger("Host.Startup").error("", exc_info=error.__cause__)


def _run(options: WorkerOptions) -> int:
    app = Path(options.app)
    config = host_config.load(app)
    logs.configure(config.log_levels, f"w{options.index}")
    runtime = Runtime(app)
    outputs = Outputs(config)
    invoker = Invoker(runtime, config.function_timeout, outputs)
    if options.index == 0:
        print(
            "\nFunctions:\n" + "\n".join(banner.lines(runtime.functions, config, options.base_url)) + "\n",
            flush=True,
        )
        for sentence in banner.find_unsupported(runtime.functions):
            log.warning("%s", sentence)
    triggers, webhook = _triggers(app, runtime, invoker, config, options, outputs)
    threads = HttpThreads(thread_count())
    keys, cors = read_keys(), read_cors()
    if options.index == 0:
        print(describe(keys), flush=True)
    run = partial(run_by_hand, invoker)
    pages = HostPages(
        runtime.functions, config, host_id(app), keys, run, None if webhook is None else webhook.answer
    )
    served = make_app(runtime.functions, invoker, config, threads, pages, keys)
    server = _Server(
        uvicorn.Config(
            served if cors is None else with_cors(served, cors),
            http=KestrelProtocol,
            ws="none",
            proxy_headers=False,
            access_log=False,
            log_config=None,
            lifespan="off",
            server_header=False,
            date_header=True,
            timeout_graceful_shutdown=int(DRAIN_SECONDS),
        )
    )

    def stop(*_: object) -> None:
        server.should_exit = True
        for trigger in triggers:
            trigger.stop()

    def started() -> None:
        for trigger in triggers:
            trigger.start()
        os.write(options.ready_fd, f"{options.index}\n".encode())

    def wait_for_supervisor() -> None:
        os.read(options.life_fd, 1)  # nothing is ever written: it returns when the supervisor has gone
        stop()

    signal.signal(signal.SIGTERM, stop)
    threading.Thread(target=wait_for_supervisor, daemon=True).start()
    server.on_started = started
    server.run(sockets=[socket.socket(fileno=options.listen_fd)])
    deadline = time.monotonic() + DRAIN_SECONDS
    listeners = [trigger for trigger in triggers if isinstance(trigger, QueueListener)]
    while invoker.running or any(listener.busy for listener in listeners):
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    if invoker.running:
        log.warning(
            "stopped while %d function(s) were running; their messages come again after their lease of %g s",
            invoker.running,
            options.lease,
        )
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)  # threads in functions that do not end would keep the interpreter


def _triggers(
    app: Path,
    runtime: Runtime,
    invoker: Invoker,
    config: host_config.HostConfig,
    options: WorkerOptions,
    outputs: Outputs,
) -> tuple[list[Trigger], Webhook | None]:
    """Make everything that starts functions besides HTTP, and the web-hook that comes with it."""
    triggers: list[Trigger] = []
    webhook = None
    notes = Notes(options.held_fd)
    blobs = blob_functions(runtime.functions)
    if blobs:
        delivery = BlobDelivery(
            app, blobs, invoker, config, lease=options.lease, notes=notes, watched=options.watch
        )
        ensure_containers(delivery)
        triggers.append(delivery.listener)
        webhook = Webhook(delivery)
        if options.watch and options.index == 0:
            triggers.append(BlobWatcher(delivery))
    for function in runtime.functions:
        kind = function.trigger["type"]
        if kind == "queueTrigger":
            listener = make_listener(function, invoker, config, options.lease, notes)
            outputs.watch(queue_name(function), listener.wake)
            triggers.append(listener)
        elif kind == "timerTrigger" and options.index == 0:
            container = blob_service(HOST_CONNECTION, function.name).get_container_client(HOST_CONTAINER)
            ensure_container(container)
            name = f"timers/{host_id(app)}/Host.Functions.{function.name}/status"
            triggers.append(Timer(function, invoker, container.get_blob_client(name)))
    return triggers, webhook


if __name__ == "__main__":
    sys.exit(main())
