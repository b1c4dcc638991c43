"""The supervisor: binds the port, starts the workers, starts dead ones again, stops them all at the end."""

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
from devhost.worker_options import CANNOT_RUN, DRAIN_SECONDS, WorkerOptions

_LOOK_EVERY = 0.1
"""Seconds between looks at the workers."""

_LONGEST_PAUSE = 5.0
"""Longest wait before a worker that keeps dying is started again, seconds."""


@dataclass
class _Worker:
    """A worker's process, and how often in a row it died before it served."""

    index: int
    process: subprocess.Popen[bytes]
    ready: bool = False
    deaths: int = 0
    start_again_at: float | None = None


class Supervisor:
    """Keeps N workers alive on one port."""

    def __init__(
        self, app: Path, listener: socket.socket, base_url: str, *, lease: float, watch: bool
    ) -> None:
        """Set up; nothing is started yet.

        Parameters
        ----------
        app : Path
            The app's folder.
        listener : socket.socket
            Bound and listening; every worker accepts from it.
        base_url : str
            How the port is reached.
        lease : float
            Seconds after which the message of a dead worker is taken by another.
        watch : bool
            Whether containers are watched for blobs.
        """
        self._app = app
        self._listener = listener
        self._base_url = base_url
        self._lease = lease
        self._watch = watch
        self._stopping = threading.Event()
        self._workers: list[_Worker] = []
        self._ready_read, self._ready_write = os.pipe()
        os.set_blocking(self._ready_read, False)
        self._life_read, self._life_write = os.pipe()

    def run(self, count: int) -> int:
        """Run *count* workers until SIGINT or SIGTERM.

        Returns
        -------
        int
            Exit code: 0 when told to stop, 1 when the app cannot run.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        self._workers = [_Worker(index, self._spawn(index)) for index in range(count)]
        announced = False
        while not self._stopping.wait(_LOOK_EVERY):
            self._note_ready()
            if not announced and all(worker.ready for worker in self._workers):
                announced = True
                workers = "1 worker" if count == 1 else f"{count} workers"
                print(f"devhost is ready: {self._base_url} ({workers}, Ctrl-C stops)", flush=True)
            if not self._look_after(announced):
                self._stop_all()
                return 1
        print("devhost is stopping", flush=True)
        self._stop_all()
        return 0

    def _on_signal(self, *_: object) -> None:
        if self._stopping.is_set():  # a second Ctrl-C: no more waiting
            for worker in self._workers:
                worker.process.kill()
        self._stopping.set()

    def _spawn(self, index: int) -> subprocess.Popen[bytes]:
        options = WorkerOptions(
            index=index,
            app=str(self._app),
            listen_fd=self._listener.fileno(),
            ready_fd=self._ready_write,
            life_fd=self._life_read,
            base_url=self._base_url,
            lease=self._lease,
            watch=self._watch,
        )
        return subprocess.Popen(
            [sys.executable, "-m", "devhost.worker", json.dumps(asdict(options))],
            pass_fds=(options.listen_fd, options.ready_fd, options.life_fd),
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": _import_path()},
        )

    def _note_ready(self) -> None:
        """Read which workers have begun to serve."""
        try:
            lines = os.read(self._ready_read, 4096).split()
        except BlockingIOError:
            return
        for line in lines:
            self._workers[int(line)].ready = True

    def _look_after(self, announced: bool) -> bool:
        """Start again the workers that died; False if the app cannot run at all."""
        now = time.monotonic()
        for worker in self._workers:
            code = worker.process.poll()
            if code is None:
                continue
            if code == CANNOT_RUN or (not announced and code == 1):
                return False
            if worker.start_again_at is None:
                worker.deaths = 0 if worker.ready else worker.deaths + 1
                pause = min(_LONGEST_PAUSE, 0.1 * 2**worker.deaths) if worker.deaths else 0.0
                worker.start_again_at = now + pause
                how = f"signal {-code}" if code < 0 else f"exit code {code}"
                print(f"devhost: worker w{worker.index} died ({how}); starting it again", flush=True)
            if now >= worker.start_again_at:
                worker.process, worker.ready = self._spawn(worker.index), False
                worker.start_again_at = None
        return True

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


def listen(host: str, port: int) -> socket.socket:
    """Bind the HTTP port; 0 takes any free one.

    Raises
    ------
    DevhostError
        If it is in use or not allowed.
    """
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
