"""A process of its own for work that may kill it: a crash becomes an exception, and the next call goes on."""

from __future__ import annotations

import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

MOST_SECONDS = 60.0
"""A call that takes longer has hung."""


class CrashError(AssertionError):
    """The process ended, hung or raised what nobody foresaw."""


def _serve(environment: Mapping[str, str], calls: Connection) -> None:
    os.environ.update(environment)
    while True:
        try:
            function, arguments = calls.recv()
        except EOFError:
            return
        try:
            calls.send((True, function(*arguments)))
        except Exception:  # noqa: BLE001 - it is raised on the other side
            calls.send((False, traceback.format_exc()))


class Sandbox:
    """Calls functions in another process, one after the other; use it in a ``with`` statement.

    Parameters
    ----------
    environment : mapping of str to str
        App settings of that process.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._context = multiprocessing.get_context("spawn")
        self._process: SpawnProcess | None = None
        self._calls: Connection | None = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def call[**P, R](self, function: Callable[P, R], *arguments: P.args, **_: P.kwargs) -> R:
        """Call a function of a module with arguments that can be pickled; return what it returns.

        Raises
        ------
        CrashError
            The process died, with its signal or exit code; gave no answer in time; or the function raised.
        """
        if self._process is None:
            self._start()
        assert self._calls is not None
        assert self._process is not None
        try:
            self._calls.send((function, arguments))
            if not self._calls.poll(MOST_SECONDS):
                self.stop()
                raise CrashError(f"{function.__name__} has not answered within {MOST_SECONDS:.0f} s")
            good, answer = self._calls.recv()
        except (EOFError, OSError):
            self._process.join()
            code = self._process.exitcode or 0
            self.stop()
            ended = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            raise CrashError(f"the process died of {ended} in {function.__name__}") from None
        if not good:
            raise CrashError(f"{str(answer).splitlines()[-1]} in {function.__name__}\n{answer}")
        found: R = answer
        return found

    def stop(self) -> None:
        """End the process."""
        if self._calls is not None:
            self._calls.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._process = self._calls = None

    def _start(self) -> None:
        self._calls, theirs = self._context.Pipe()
        self._process = self._context.Process(target=_serve, args=(self._environment, theirs), daemon=True)
        self._process.start()
        theirs.close()
