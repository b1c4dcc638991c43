"""Log lines: time, worker, level, function name and invocation id, message; levels from host.json.

The worker and the host decide which records are passed on: the worker's root logger is at INFO, and
every record that is made while an invocation runs counts as the app's, whichever library made it. The host
drops those that belong to no running invocation (``GrpcWorkerChannel.Log``), as from a thread of the app's.
"""

from __future__ import annotations

import contextvars
import logging
import os
import sys
import time
from collections.abc import Mapping

current_invocation: contextvars.ContextVar[tuple[str, str] | None] = contextvars.ContextVar(
    "current_invocation", default=None
)
"""Function name and invocation id of the code running in this context; log lines are marked with it."""

running_invocations: dict[str, tuple[str, float]] = {}
"""Function name and start (monotonic) of every invocation in progress, by its id."""

HOST_STORAGE = "Azure.Core"
"""Category of devhost's own storage requests: the host's, which host.json names so."""

_OWN = frozenset({"Host", "Function", "Azure", "uvicorn"})
"""First part of the logger names that are devhost's: the host's records need no invocation."""

_LIBRARY = "azure.functions"
"""Logger of the worker library, which the host takes for the system's and not for the app's."""

LEVELS: dict[str, int] = {
    "trace": 5,
    "debug": logging.DEBUG,
    "information": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
    "none": logging.CRITICAL + 10,
}
"""host.json's level names (``logging.logLevel``) in Python's numbers."""

_NAMES = {5: "TRACE", 10: "DEBUG", 20: "INFO", 30: "WARN", 40: "ERROR", 50: "FATAL"}


class _Line(logging.Formatter):
    """One line per record, with its traceback, if any, below."""

    def __init__(self, worker: str) -> None:
        super().__init__()
        self._worker = worker
        self._second, self._stamp = 0, ""  # a second's stamp is made once: a third of a line's cost

    def format(self, record: logging.LogRecord) -> str:
        second = int(record.created)
        if second != self._second:
            self._second, self._stamp = second, time.strftime("%H:%M:%S", time.gmtime(second))
        level = _NAMES.get(record.levelno, str(record.levelno))
        running = current_invocation.get()
        where = f"[{running[0]} {running[1]}] " if running else ""
        line = (
            f"{self._stamp}.{int(record.msecs):03d}Z {self._worker} {level:<5} {where}{record.getMessage()}"
        )
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


class _AsHost(logging.Filter):
    """Drop what belongs to no running invocation; hold the rest against ``Function.<name>.User``."""

    def __init__(self, levels: Mapping[str, int]) -> None:
        super().__init__()
        self._levels = levels

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] in _OWN or record.name.startswith(_LIBRARY):
            return True
        running = current_invocation.get()
        if running is None or running[1] not in running_invocations:
            return False
        for category in (f"Function.{running[0]}.User", f"Function.{running[0]}", "Function", "default"):
            if category in self._levels:
                return record.levelno >= self._levels[category]
        return True


def configure(levels: Mapping[str, int], worker: str) -> None:
    """Send every log line to standard output.

    Parameters
    ----------
    levels : mapping of category to level number
        host.json's ``logging.logLevel``. Logger names are the host's categories: ``Host.*`` for this tool,
        ``Function.<name>`` for what it says about an invocation, ``Azure.Core`` for its storage requests.
    worker : str
        Mark of the process, e.g. ``w0``.
    """
    # Looked up for every record, and in no line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.logAsyncioTasks = False  # type: ignore[attr-defined]  # since Python 3.12
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Line(worker))
    handler.addFilter(_AsHost(levels))
    root = logging.getLogger()
    root.handlers = [handler]
    # The worker's: host.json's levels are applied by the host, to what has reached it.
    debug = os.environ.get("PYTHON_ENABLE_DEBUG_LOGGING", "").lower() in ("1", "true", "t", "yes", "y")
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    default = levels.get("default", logging.INFO)
    for name in ("Host", "Function"):
        logging.getLogger(name).setLevel(levels.get(name, default))
    for name in (HOST_STORAGE, _LIBRARY, "uvicorn"):
        logging.getLogger(name).setLevel(levels.get(name, max(logging.WARNING, default)))
    for name, level in levels.items():
        if name.startswith(("Host", "Function")):
            logging.getLogger(name).setLevel(level)
