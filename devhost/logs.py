"""Log lines: time, worker, level, function name and invocation id, message; levels from host.json."""

from __future__ import annotations

import contextvars
import logging
import sys
import time
from collections.abc import Mapping

current_invocation: contextvars.ContextVar[tuple[str, str] | None] = contextvars.ContextVar(
    "current_invocation", default=None
)
"""Function name and invocation id of the code running in this context; log lines are marked with it."""

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


class _UserLevels(logging.Filter):
    """Apply ``Function.<name>.User`` and its parents to what a function logs itself."""

    def __init__(self, levels: Mapping[str, int]) -> None:
        super().__init__()
        self._levels = levels

    def filter(self, record: logging.LogRecord) -> bool:
        running = current_invocation.get()
        if running is None or record.name.startswith(("Function", "Host")):
            return True
        for category in (f"Function.{running[0]}.User", f"Function.{running[0]}", "Function"):
            if category in self._levels:
                return record.levelno >= self._levels[category]
        return True


def configure(levels: Mapping[str, int], worker: str) -> None:
    """Send every log line to standard output.

    Parameters
    ----------
    levels : mapping of category to level number
        host.json's ``logging.logLevel``; ``default`` is the root's. Logger names are the host's categories:
        ``Host.*`` for this tool, ``Function.<name>`` for what it says about an invocation.
    worker : str
        Mark of the process, e.g. ``w0``.
    """
    # Looked up for every record, and in no line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.logAsyncioTasks = False  # type: ignore[attr-defined]  # since Python 3.12
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Line(worker))
    handler.addFilter(_UserLevels(levels))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(min([levels.get("default", logging.INFO), *levels.values()]))
    default = levels.get("default", logging.INFO)
    for name in ("Host", "Function"):
        logging.getLogger(name).setLevel(levels.get(name, default))
    for name, level in levels.items():
        if name.startswith(("Host", "Function")):
            logging.getLogger(name).setLevel(level)
    for chatty in ("azure.core", "azure.storage", "azure.identity", "azure.functions", "urllib3", "uvicorn"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, default))
