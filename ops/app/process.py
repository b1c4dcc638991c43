"""The app under devhost as a child process: started, watched, stopped with everything it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from ops.errors import OpsError

LOG_LINES = 15
STOP_SECONDS = 15.0


class AppProcess:
    """A child process that serves the app, with its output in a log file, written anew.

    *environment* are variables set for it on top of this process's own.
    """

    def __init__(
        self, command: Sequence[str], *, log: Path, port: int, environment: Mapping[str, str]
    ) -> None:
        self.command = list(command)
        self.log = log
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start the process, in a process group of its own so that Ctrl-C reaches this program first."""
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self.environment},
                start_new_session=True,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the process and whatever of its group is left."""
        process = self._process
        if process is None:
            return
        try:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(STOP_SECONDS)
        finally:  # also after an impatient second Ctrl-C
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def check(self) -> None:
        """Raise OpsError, with the end of the log, if the process has ended."""
        if self._process is not None and (code := self._process.poll()) is not None:
            raise OpsError(
                f"the app ended on its own with exit code {code}; its log is {self.log}", self.tail()
            )

    def tail(self) -> list[str]:
        """Return the last lines of the log, at most `LOG_LINES`, oldest first."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return text.splitlines()[-LOG_LINES:]

    def wait_until_healthy(self, seconds: float) -> None:
        """Wait until `GET /api/health` answers 200; OpsError when the process ends or the time is over."""
        deadline = time.monotonic() + seconds
        seen = "no answer"
        while time.monotonic() < deadline:
            self.check()
            try:
                answer = httpx.get(f"{self.url}/api/health", timeout=5.0)
            except httpx.TransportError:
                time.sleep(0.1)
                continue
            if answer.status_code == httpx.codes.OK:
                return
            seen = f"{answer.status_code} {answer.text[:200]}"
            time.sleep(0.1)
        raise OpsError(
            f"the app was not healthy within {seconds:.0f} s ({seen}); its log is {self.log}", self.tail()
        )


def devhost_command(port: int, azurite_dir: Path) -> list[str]:
    """Return the command that serves the app of this folder; its Azurite keeps data in *azurite_dir*."""
    return [sys.executable, "-m", "devhost", "--port", str(port), "--azurite-dir", str(azurite_dir)]
