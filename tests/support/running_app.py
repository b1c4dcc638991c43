"""Real processes for tests: Azurite on free ports, and ``python -m devhost`` on an app's folder."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

from devhost.azurite import Azurite, Endpoints, connection_string, find
from tests.support.waiting import pause

PROJECT = Path(__file__).resolve().parents[2]
"""The project's folder."""


def free_ports(count: int) -> list[int]:
    """Find ports nobody listens on at this moment."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(found.getsockname()[1]) for found in sockets]
    for found in sockets:
        found.close()
    return ports


class RunningAzurite:
    """An Azurite of the tests' own."""

    def __init__(self, folder: Path) -> None:
        """Start it on free ports with its data in *folder*."""
        self.folder = folder
        blob, queue, table = free_ports(3)
        self.at = Endpoints(blob=blob, queue=queue, table=table)
        self.connection_string = connection_string(blob, queue, table)
        self._process: Azurite | None = None
        self.start()

    @property
    def blobs(self) -> BlobServiceClient:
        """A client of its blob service."""
        return BlobServiceClient.from_connection_string(self.connection_string)

    @property
    def queues(self) -> QueueServiceClient:
        """A client of its queue service."""
        return QueueServiceClient.from_connection_string(self.connection_string)

    @property
    def pid(self) -> int:
        """Its process id; AssertionError while it is stopped."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it (again): same ports, same data."""
        if self._process is None:
            self._process = Azurite(find(PROJECT), self.folder, self.at)

    def stop(self) -> None:
        """Stop it; its data stays."""
        if self._process is not None:
            self._process.stop()
            self._process = None


class RunningApp:
    """A devhost process and what it said."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, connection_string: str) -> None:
        """Watch a process just started; see :func:`running_app`."""
        self.process = process
        self.log = log
        self.connection_string = connection_string
        self.base_url = ""

    @property
    def output(self) -> str:
        """Everything printed so far."""
        return self.log.read_text(errors="replace")

    def wait_for(self, pattern: str, seconds: float = 30.0) -> re.Match[str]:
        """Wait until a line matches; AssertionError with the output if the process ends or the time is up."""
        began = time.monotonic()
        while True:
            ended = self.process.poll() is not None
            match = re.search(pattern, self.output)
            if match:
                return match
            assert not ended, f"devhost ended with {self.process.returncode}:\n{self.output}"
            waited = time.monotonic() - began
            assert waited < seconds, f"no {pattern!r} within {seconds} s:\n{self.output}"
            time.sleep(pause(waited, 0.02))

    def worker_pids(self) -> list[int]:
        """Process ids of the workers alive now."""
        listing = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
        )
        rows = (line.split(None, 2) for line in listing.stdout.splitlines())
        return [
            int(pid)
            for pid, parent, arguments in (row for row in rows if len(row) == 3)
            if int(parent) == self.process.pid and "devhost.worker" in arguments
        ]

    def stop(self, number: int = signal.SIGTERM, seconds: float = 30.0) -> int:
        """Stop it as Ctrl-C (SIGINT) or a service manager (SIGTERM) would; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"devhost did not stop within {seconds} s:\n{self.output}") from None


def _without_pandas(folder: Path) -> Path:
    """Return a folder for PYTHONPATH in which pyarrow finds no pandas: apps are deployed without it."""
    stub = folder / "without_pandas"
    if not stub.exists():  # else another app that runs may be reading it
        stub.mkdir()
        (stub / "pandas.py").write_text('raise ModuleNotFoundError("as in Azure", name="pandas")\n')
    return stub


@contextmanager
def running_app(
    app: Path,
    connection_string: str,
    folder: Path,
    *,
    workers: int = 1,
    settings: Mapping[str, str] | None = None,
    options: Sequence[str] = ("--no-azurite",),
    wait: bool = True,
) -> Iterator[RunningApp]:
    """Run ``python -m devhost`` on a free port until the block ends.

    Parameters
    ----------
    app : Path
        Folder with function_app.py and host.json.
    connection_string : str
        Becomes the app setting ``AzureWebJobsStorage``.
    folder : Path
        Where the log goes, as ``devhost-<n>.log``.
    workers : int
        Worker processes.
    settings : mapping, optional
        More app settings.
    options : sequence of str
        More command-line options.
    wait : bool
        Whether to wait until it is ready; ``base_url`` is empty otherwise.

    Yields
    ------
    RunningApp
    """
    log = folder / f"devhost-{time.time_ns()}.log"
    path = [str(_without_pandas(folder)), str(PROJECT), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "AzureWebJobsStorage": connection_string,
        "PYTHONPATH": os.pathsep.join(path).strip(os.pathsep),
    }
    command = [
        sys.executable,
        "-m",
        "devhost",
        "--app",
        str(app),
        "--port",
        "0",
        "--workers",
        str(workers),
        *options,
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment | dict(settings or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    running = RunningApp(process, log, connection_string)
    try:
        if wait:
            running.base_url = running.wait_for(r"devhost is ready: (http://\S+)")[1].replace(
                "localhost", "127.0.0.1"
            )
        yield running
    finally:
        running.stop()
