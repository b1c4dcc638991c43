"""The drives of a host, as smartctl finds them and as the person names them."""

from __future__ import annotations

import fnmatch
from typing import Any, NamedTuple, Sequence, Tuple

from collector.drives.smartctl_run import run_smartctl
from collector.drives.unreadable import OTHER, UnreadableError, cause_of

SCANS = ("scan", "scan-open", "none")
"""Ways to find drives; scan-open opens each one, which may wake it."""

SCAN_SECONDS = 120.0
"""A host with hundreds of drives behind an expander takes some."""


class Device(NamedTuple):
    """A drive to read: its path, and the type for ``-d``, "" where smartctl shall find it out."""

    path: str
    kind: str = ""

    def __str__(self) -> str:
        return f"{self.path} -d {self.kind}" if self.kind else self.path


Unopened = Tuple[Device, UnreadableError]
"""A drive that the scan itself could not open, and why."""


def find_devices(
    program: str, scan: str, named: Sequence[Device], excluded: Sequence[str]
) -> tuple[list[Device], list[Unopened]]:
    """Return the drives to read, named ones first, and those that the scan could not open.

    Parameters
    ----------
    scan : str
        One of `SCANS`.
    named : sequence of Device
        What the scan finds at the path of one of these is left out: the person knows better.
    excluded : sequence of str
        Paths to leave out; ``*`` and ``?`` as in a shell.

    Raises
    ------
    UnreadableError
        The scan failed.
    """
    found: list[Device] = list(dict.fromkeys(named))
    unopened: list[Unopened] = []
    own = {device.path for device in named}
    if scan != "none":
        output = run_smartctl(program, ["--" + scan, "-j"], SCAN_SECONDS)
        entries = output.document.get("devices", [])
        if output.failed and not entries:
            raise UnreadableError(cause_of(output.said, OTHER), output.said)
        for entry in entries if isinstance(entries, list) else []:
            device = _device(entry)
            if device is None or device.path in own or device in found:
                continue
            if isinstance(entry, dict) and entry.get("open_error"):
                said = [str(entry["open_error"])]
                unopened.append((device, UnreadableError(cause_of(said, OTHER), said)))
            else:
                found.append(device)
    kept = [device for device in found if not _is_excluded(device, excluded)]
    return kept, [each for each in unopened if not _is_excluded(each[0], excluded)]


def _device(entry: Any) -> Device | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        return None
    kind = entry.get("type")
    # A scan opens nothing and calls each /dev/sd* scsi: with `-d scsi` SATA drives would show no attributes.
    return Device(entry["name"], kind if isinstance(kind, str) and kind != "scsi" else "")


def _is_excluded(device: Device, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(device.path, pattern) for pattern in patterns)
