"""The supervisor: binds the port, starts the workers, starts dead ones again, stops them all at the end.

It is what is left of the Functions host when a worker dies: it gives back the messages the worker held,
counts the deaths, and ends devhost at the one at which the host ends itself.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from devhost.errors import DevhostError
from devhost.queues.held_messages import HeldMessage, Ledger, release
from devhost.worker_options import (
    CANNOT_RUN,
    DRAIN_SECONDS,
    TIMED_OUT,
    WORKERS_KEEP_DYING,
    WorkerOptions,
)

_LOOK_EVERY = 0.1
"""Seconds between looks at the workers."""

_LONGEST_PAUSE = 5.0
"""Longest wait before a worker that keeps dying is started again, seconds."""


DEATHS_PER_WORKER = 3
"""Deaths at which the Functions host ends itself, for each worker process (``ErrorEventsThreshold``)."""

_FORGOTTEN_AFTER = 30 * 60.0
"""Seconds without a death after which those before it count no more
(``WorkerRestartErrorIntervalThresholdInMinutes``)."""


class Deaths:
    """Counts the deaths of workers as ``RpcFunctionInvocationDispatcher`` does."""

    def __init__(self, limit: int) -> None:
        """Parameters: the deaths at which devhost ends; 0 means never."""
        self.limit = limit
        self._count = 0
        self._last = 0.0

    def add(self, code: int, now: float) -> bool:
        """Count a death by its exit code; True if it is the one at which devhost ends.

        The host kills a worker for functionTimeout itself, and a worker that ends with 0 reports no error:
        neither counts.
        """
        if code in (0, TIMED_OUT):
            return False
        if now - self._last > _FORGOTTEN_AFTER:
            self._count = 0
        self._count += 1
        self._last = now
        return 0 < self.limit <= self._count


@dataclass
class _Worker:
    """A worker's process, what it holds, and how often in a row it died before it served."""

    index: int
    process: subprocess.Popen[bytes]
    ledger: Ledger
    ready: bool = False
    deaths: int = 0
    start_again_at: float | None = None


class Supervisor:
    """Keeps N workers alive on one port."""

    def __init__(
        self,
        app: Path,
        listener: socket.socket,
        base_url: str,
        *,
        lease: float,
        watch: bool,
        deaths: int,
    ) -> None:
        """Set up; nothing is started yet.

        Parameters
        ----------
        listener : socket.socket
            Bound and listening; every worker accepts from it.
        base_url : str
            How the port is reached.
        lease : float
            Seconds after which a message is taken by another when all of devhost has died.
        watch : bool
            Whether containers are watched for blobs.
        deaths : int
            Deaths of workers at which devhost ends; 0 means never.
        """
        self._app = app
        self._listener = listener
        self._base_url = base_url
        self._lease = lease
        self._watch = watch
        self._deaths = Deaths(deaths)
        self._stopping = False
        self._workers: list[_Worker] = []
        self._ready_read, self._ready_write = os.pipe()
        os.set_blocking(self._ready_read, False)
        self._life_read, self._life_write = os.pipe()

    def run(self, count: int) -> int:
        """Run *count* workers until SIGINT or SIGTERM.

        Returned is the exit code: 0 when asked to stop, 1 when the app cannot run, WORKERS_KEEP_DYING.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        self._workers = [_Worker(index, *self._spawn(index)) for index in range(count)]
        announced = False
        while not self._was_stopped_within(_LOOK_EVERY):
            self._note_ready()
            if not announced and all(worker.ready for worker in self._workers):
                announced = True
                workers = "1 worker" if count == 1 else f"{count} workers"
                print(f"devhost is ready: {self._base_url} ({workers}, Ctrl-C stops)", flush=True)
            code = self._look_after(announced)
            if code:
                self._stop_all()
                return code
        print("devhost is stopping", flush=True)
        self._stop_all()
        return 0

    def _was_stopped_within(self, seconds: float) -> bool:
        time.sleep(seconds)
        return self._stopping

    def _on_signal(self, *_: object) -> None:
        if self._stopping:  # a second Ctrl-C: no more waiting
            for worker in self._workers:
                worker.process.kill()
        # No event: on the thread that waits for it, a handler would wait for its lock for ever.
        self._stopping = True

    def _spawn(self, index: int) -> tuple[subprocess.Popen[bytes], Ledger]:
        held_read, held_write = os.pipe()
        options = WorkerOptions(
            index=index,
            app=str(self._app),
            listen_fd=self._listener.fileno(),
            ready_fd=self._ready_write,
            held_fd=held_write,
            life_fd=self._life_read,
            base_url=self._base_url,
            lease=self._lease,
            watch=self._watch,
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "devhost.worker", json.dumps(asdict(options))],
            pass_fds=(options.listen_fd, options.ready_fd, options.held_fd, options.life_fd),
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": _import_path()},
        )
        os.close(held_write)
        return process, Ledger(held_read)

    def _note_ready(self) -> None:
        """Read which workers have begun to serve."""
        try:
            lines = os.read(self._ready_read, 4096).split()
        except BlockingIOError:
            return
        for line in lines:
            self._workers[int(line)].ready = True

    def _look_after(self, announced: bool) -> int:
        """Start again the workers that died; the exit code, if devhost is to end."""
        now = time.monotonic()
        for worker in self._workers:
            code = worker.process.poll()
            if code is None:
                worker.ledger.read()
                continue
            if code == CANNOT_RUN or (not announced and code == 1):
                return 1
            if worker.start_again_at is None:
                how = f"signal {-code}" if code < 0 else f"exit code {code}"
                if self._deaths.add(code, now):
                    self._say_the_end(worker, how)
                    return WORKERS_KEEP_DYING
                worker.deaths = 0 if worker.ready else worker.deaths + 1
                pause = min(_LONGEST_PAUSE, 0.1 * 2**worker.deaths) if worker.deaths else 0.0
                worker.start_again_at = now + pause
                print(f"devhost: worker w{worker.index} died ({how}); starting it again", flush=True)
                _release_aside(worker.ledger.close())
            if now >= worker.start_again_at:
                worker.process, worker.ledger = self._spawn(worker.index)
                worker.ready, worker.start_again_at = False, None
        return 0

    def _say_the_end(self, worker: _Worker, how: str) -> None:
        """Say why devhost ends: what the worker held is left to its lease, as when the host ends itself."""
        held = len(worker.ledger.close())
        lost = f"; {held} message(s) come again after their lease of {self._lease:g} s" if held else ""
        print(
            f"devhost: worker w{worker.index} died ({how}); that makes {self._deaths.limit} deaths with less "
            "than half an hour between them, at which the Functions host ends itself: start devhost again, "
            f"or raise the limit with --worker-deaths{lost}",
            file=sys.stderr,
            flush=True,
        )

    def _stop_all(self) -> None:
        for worker in self._workers:
            if worker.process.poll() is None:
                worker.process.terminate()
        deadline = time.monotonic() + DRAIN_SECONDS * 2 + 2
        for worker in self._workers:
            try:
                worker.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.process.kill()
                worker.process.wait()


def _release_aside(messages: list[HeldMessage]) -> None:
    """Give messages back on a thread: storage may take its time, and the other workers go on dying."""
    if messages:
        threading.Thread(target=release, args=(messages,), daemon=True, name="give-back").start()


def listen(host: str, port: int) -> socket.socket:
    """Bind the HTTP port; 0 takes any free one; DevhostError if it is in use or not allowed."""
    try:
        listener = socket.create_server((host, port), backlog=2048)
    except OSError as error:
        raise DevhostError(
            f"port {port} on {host}: {error.strerror}; stop what uses it or pass --port"
        ) from None
    listener.set_inheritable(True)
    return listener


def _import_path() -> str:
    """PYTHONPATH with which a worker finds this very package, wherever it was started."""
    here = str(Path(__file__).resolve().parent.parent)
    given = os.environ.get("PYTHONPATH")
    return f"{here}{os.pathsep}{given}" if given else here
