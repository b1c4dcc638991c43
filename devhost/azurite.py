"""Azurite, Microsoft's storage emulator: found, started when none answers, stopped when we started it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from devhost.errors import DevhostError

START_SECONDS = 30.0
"""Azurite answers after one or two seconds; on a busy machine later."""

OPTION = "--azurite-port"
"""The option of devhost that chooses where its Azurite listens."""

FOLDER = ".azurite"
"""Where devhost's Azurite keeps its data, seen from the folder it runs in, unless it is told otherwise."""

RECORD = "azurite.json"
"""File in an Azurite's folder that says where it listens, while it runs."""

_LOCAL = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class Endpoints:
    """Where an emulator listens; a port of 0 means that any will do."""

    host: str = "127.0.0.1"
    blob: int = 10000
    queue: int = 10001
    table: int = 10002


def endpoints(connection: str) -> Endpoints | None:
    """Read an emulator's address from a connection string; None for an account elsewhere, used as it is."""
    fields = dict(part.partition("=")[::2] for part in connection.split(";") if part)
    if fields.get("UseDevelopmentStorage", "").lower() == "true":
        return Endpoints()
    blob, queue = (urlsplit(fields.get(f"{kind}Endpoint", "")) for kind in ("Blob", "Queue"))
    if blob.hostname not in _LOCAL or queue.hostname not in _LOCAL or not blob.port or not queue.port:
        return None
    return Endpoints(
        str(blob.hostname), blob.port, queue.port, urlsplit(fields.get("TableEndpoint", "")).port or 0
    )


def connection_string(blob: int, queue: int, table: int) -> str:
    """Build the connection string of an Azurite on this machine, with its published account name and key."""
    account = "devstoreaccount1"
    key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
    return (
        f"DefaultEndpointsProtocol=http;AccountName={account};AccountKey={key};"
        f"BlobEndpoint=http://127.0.0.1:{blob}/{account};QueueEndpoint=http://127.0.0.1:{queue}/{account};"
        f"TableEndpoint=http://127.0.0.1:{table}/{account};"
    )


@dataclass(frozen=True)
class Running:
    """An Azurite that some devhost started: its process and where it listens."""

    pid: int
    blob: int
    queue: int
    table: int

    @property
    def connection_string(self) -> str:
        """The connection string of it."""
        return connection_string(self.blob, self.queue, self.table)


def running(location: Path) -> Running | None:
    """Return the Azurite that devhost started with its data in a folder; None where none runs."""
    try:
        found = Running(**json.loads((location / RECORD).read_text("utf-8")))
        os.kill(found.pid, 0)
    except (OSError, ValueError, TypeError):
        return None
    return found


def answers(host: str, port: int) -> bool:
    """Whether an emulator's service answers at a port.

    Raises
    ------
    DevhostError
        If something that is not Azurite answers there.
    """
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/", timeout=2) as response:
            server = response.headers.get("Server", "")
    except urllib.error.HTTPError as error:
        server = error.headers.get("Server", "")
    except HTTPException:
        server = ""
    except OSError:
        return False
    if not server.startswith("Azurite"):
        raise DevhostError(
            f"port {port} is taken by something that is not Azurite (it says {server or 'nothing'!r}); "
            f"stop it, or take other ports with {OPTION}"
        )
    return True


def find(app: Path) -> Path:
    """Find the program: in the ``node_modules`` of the app or a folder above it, else on PATH.

    Raises
    ------
    DevhostError
        If there is none.
    """
    for folder in (app, *app.parents):
        candidate = folder / "node_modules" / ".bin" / "azurite"
        if candidate.exists():
            return candidate
    found = shutil.which("azurite")
    if found is None:
        raise DevhostError(
            "Azurite is not installed: run `npm ci` in the project's folder (or start an Azurite)"
        )
    return Path(found)


class Azurite:
    """An emulator process of ours."""

    def __init__(self, program: Path, location: Path, at: Endpoints) -> None:
        """Start Azurite and wait until it answers.

        Parameters
        ----------
        program : Path
            As :func:`find` found it.
        location : Path
            Folder for its data, created if absent.
        at : Endpoints
            Where it is to listen.

        Raises
        ------
        DevhostError
            If it ends at once or does not answer within :data:`START_SECONDS`.
        """
        location.mkdir(parents=True, exist_ok=True)
        self._log = location / "azurite.log"
        command = [str(program), "--skipApiVersionCheck", "--disableTelemetry", "--silent"]
        command += ["--location", str(location), "--blobPort", str(at.blob), "--queuePort", str(at.queue)]
        command += ["--tablePort", str(at.table)]
        with self._log.open("wb") as output:
            # Apart from the terminal: Ctrl-C must not stop it before the workers have finished with it.
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
        self._record = location / RECORD
        try:
            self._wait(at)
            record = asdict(Running(self.pid, at.blob, at.queue, at.table))
            self._record.write_text(json.dumps(record), encoding="utf-8")
        except BaseException:
            # Interrupted while it starts, too: nobody else knows of the process yet.
            self.stop()
            raise

    def _wait(self, at: Endpoints) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not (answers(at.host, at.blob) and answers(at.host, at.queue)):
            if self._process.poll() is not None or time.monotonic() > deadline:
                lines = self._log.read_text(errors="replace").strip().splitlines() or ["it said nothing"]
                busy = next((line for line in lines if "EADDRINUSE" in line), None)
                cause = f"{busy}; take other ports with {OPTION}" if busy else lines[-1]
                raise DevhostError(f"Azurite did not start: {cause} ({self._log})")
            time.sleep(0.1)

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def stop(self) -> None:
        """Stop it, by force if it does not go in five seconds."""
        self._record.unlink(missing_ok=True)
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()


def ensure(connection: str, app: Path, location: Path) -> Azurite | None:
    """Start Azurite if a connection names an emulator and none answers.

    Returned is ours to stop; None if the one of this folder is running already, which another devhost stops,
    or the account is elsewhere.

    Raises
    ------
    DevhostError
        If it cannot be started, only one of its services answers, or what answers is somebody else's.
    """
    at = endpoints(connection)
    if at is None:
        return None
    ours = running(location)
    if ours and (ours.blob, ours.queue) != (at.blob, at.queue):
        raise DevhostError(
            f"the Azurite of {location} runs already, at port {ours.blob} (process {ours.pid}): name that "
            f"port with {OPTION}, or other data with --azurite-dir"
        )
    blob, queue = answers(at.host, at.blob), answers(at.host, at.queue)
    if blob and queue:
        if ours is None:
            raise DevhostError(
                f"an Azurite that devhost did not start for {location} answers at port {at.blob}: take other "
                f"ports with {OPTION}, or share it with --no-azurite"
            )
        return None
    if blob or queue:
        missing = at.queue if blob else at.blob
        raise DevhostError(f"Azurite answers in part, but not at port {missing}: stop it and start again")
    return Azurite(find(app), location, at)
