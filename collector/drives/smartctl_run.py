"""One run of smartctl: its JSON, its exit status, and an end to it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from typing import Any, NamedTuple, Sequence

from collector.drives.unreadable import BAD_OUTPUT, TIMED_OUT, UnreadableError
from collector.errors import ConfigurationError

KILL_SECONDS = 5.0
"""After a kill; a process that waits for a hanging bus does not end, and is left behind."""

STATUS_BITS: dict[int, tuple[str, bool]] = {
    0: ("The command line did not parse.", False),
    1: ("The device did not open, did not identify itself, or is in a low-power mode.", False),
    2: ("Some command to the disk failed, or a checksum was wrong: what is there is used.", True),
    3: ("The drive says that it is failing.", True),
    4: ("A prefail attribute is at or below its threshold.", True),
    5: ("An attribute was at or below its threshold some time.", True),
    6: ("The drive's error log has entries.", True),
    7: ("The drive's self-test log has errors.", True),
}
"""Bits of smartctl's exit status (smartctl(8), EXIT STATUS), and whether a drive may be read with it."""


class SmartctlOutput(NamedTuple):
    """The output of one run.

    Attributes
    ----------
    document : dict
        Its JSON.
    status : int
        Its exit status, eight bits of `STATUS_BITS`.
    said : list of str
        Its messages, in its own order.
    """

    document: dict[str, Any]
    status: int
    said: list[str]

    @property
    def failed(self) -> bool:
        """Whether the status has a bit with which no drive was read."""
        return any(self.status >> bit & 1 and not read for bit, (_, read) in STATUS_BITS.items())


def find_smartctl(program: str) -> str:
    """Return the path of smartctl; ConfigurationError where there is none."""
    # cron's PATH has no sbin
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin", "/usr/local/sbin"])
    found = shutil.which(program, path=path)
    if found is None:
        raise ConfigurationError(
            f"smartctl was not found as {program!r}; install smartmontools, 7.0 or later, or name the "
            "program with --smartctl"
        )
    return found


def run_smartctl(program: str, arguments: Sequence[str], seconds: float) -> SmartctlOutput:
    """Run smartctl within *seconds*.

    Raises
    ------
    UnreadableError
        It did not end in time, or printed no JSON.
    ConfigurationError
        It does not start.
    """
    with _start([program, *arguments]) as process:
        try:
            printed, complained = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            _abandon(process)
            raise UnreadableError(TIMED_OUT) from None
        status = process.returncode
    document = _document(printed)
    complaints = _lines(complained.decode("utf-8", "replace"))
    if document is None:
        said = complaints or _lines(printed.decode("utf-8", "replace"))[:2]
        raise UnreadableError(BAD_OUTPUT, said)
    return SmartctlOutput(document, status & 0xFF, _messages(document) or complaints)


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C"},  # causes are told from English messages
            start_new_session=True,
        )
    except OSError as error:
        raise ConfigurationError(f"{command[0]} does not start: {error.strerror}; check --smartctl") from None


def _abandon(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    try:
        process.communicate(timeout=KILL_SECONDS)
    except subprocess.TimeoutExpired:
        # It cannot end now. Not waited for: leaving the block would otherwise take as long as the bus hangs.
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
        process.returncode = -signal.SIGKILL


def _document(printed: bytes) -> dict[str, Any] | None:
    # before 7.3 a line of text could stand before the JSON of a SAS drive
    start = printed.find(b"{")
    if start < 0:
        return None
    try:
        found = json.loads(printed[start:].decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _messages(document: dict[str, Any]) -> list[str]:
    part = document.get("smartctl")
    found = part.get("messages") if isinstance(part, dict) else None
    texts = [str(each.get("string", "")) for each in found or () if isinstance(each, dict)]
    return [line for text in texts for line in _lines(text)]


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]
