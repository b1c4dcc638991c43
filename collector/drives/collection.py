"""All drives of a host, a few at a time: a row for each that could be read, the cause for each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Sequence

from collector.drives.reading import Row, is_sata_behind_scsi, row_of
from collector.drives.scan import Device, Unopened
from collector.drives.smartctl_run import SmartctlOutput, run_smartctl
from collector.drives.unreadable import UnreadableError

POWER_MODES = ("standby", "idle", "sleep", "never")
"""Power modes for ``-n`` in which, and below which, a drive is not asked; never asks each."""


class ReadDrive(NamedTuple):
    """One drive that was read."""

    device: Device
    row: Row
    document: dict[str, Any]


class Collected(NamedTuple):
    """The fate of each drive; ``repeated`` are further ways to a drive that was read already."""

    drives: list[ReadDrive]
    unreadable: list[Unopened]
    repeated: list[tuple[Device, Device]]


class Asking(NamedTuple):
    """How drives are asked: the program, the power mode for ``-n``, seconds for each, how many at a time."""

    program: str
    power_mode: str
    seconds: float
    parallel: int


def collect(devices: Sequence[Device], asking: Asking, date: str) -> Collected:
    """Read drives; *date*, YYYY-MM-DD, is that of their rows. The order is that of the devices."""
    with ThreadPoolExecutor(max_workers=asking.parallel) as pool:
        found = list(pool.map(lambda device: _read(device, asking, date), devices))
    collected = Collected([], [], [])
    first: dict[tuple[str, str], Device] = {}
    for device, result in zip(devices, found):
        if isinstance(result, UnreadableError):
            collected.unreadable.append((device, result))
            continue
        drive = (result.row["model"], result.row["serial_number"])
        if drive in first:
            # two paths to a SAS drive, or a name given by hand beside the scan's
            collected.repeated.append((device, first[drive]))
        else:
            first[drive] = device
            collected.drives.append(result)
    return collected


def _read(device: Device, asking: Asking, date: str) -> ReadDrive | UnreadableError:
    try:
        output = _ask(device, asking)
        if is_sata_behind_scsi(output.document) and not device.kind:
            output = _ask_as_sata(device, asking) or output
        return ReadDrive(device, row_of(output, date), output.document)
    except UnreadableError as error:
        return error


def _ask(device: Device, asking: Asking) -> SmartctlOutput:
    kind = ["-d", device.kind] if device.kind else []
    return run_smartctl(
        asking.program, ["-a", "-j", "-n", asking.power_mode, *kind, device.path], asking.seconds
    )


def _ask_as_sata(device: Device, asking: Asking) -> SmartctlOutput | None:
    """Ask a SATA drive, shown as SCSI by its controller, in its own language; None where that fails."""
    try:
        output = _ask(device._replace(kind="sat"), asking)
    except UnreadableError:
        return None
    return output if "ata_smart_attributes" in output.document else None
