"""The JSON of ``smartctl -a -j`` as a row of telemetry, over HTTP and in files.

``ata_smart_attributes.table[].raw.value`` is the value that telemetry has as ``smart_<id>_raw``, of up to
eight bytes, before smartmontools formats it into ``raw.string``.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

from functions.errors import NoAtaAttributesError
from functions.scoring.smart import ATTRIBUTES
from functions.scoring.telemetry import Fault, show_value

if TYPE_CHECKING:
    from collections.abc import Mapping

PATHS = {
    "date": "local_time.time_t",
    "serial_number": "serial_number",
    "model": "model_name",
    "capacity_bytes": "user_capacity.bytes",
}
"""Where the columns of telemetry stand in smartctl's output."""

EXAMPLE = {
    "device": {"name": "/dev/sda", "type": "sat", "protocol": "ATA"},
    "model_name": "ST4000DM000-1F2168",
    "serial_number": "Z300AAAA",
    "user_capacity": {"blocks": 7814037168, "bytes": 4000787030016},
    "local_time": {"time_t": 1390650000, "asctime": "Sat Jan 25 11:40:00 2014 UTC"},
    "ata_smart_attributes": {
        "revision": 10,
        "table": [
            {"id": 5, "name": "Reallocated_Sector_Ct", "raw": {"value": 48, "string": "48"}},
            {"id": 187, "name": "Reported_Uncorrect", "raw": {"value": 30, "string": "30"}},
            {"id": 188, "name": "Command_Timeout", "raw": {"value": 0, "string": "0 0 0"}},
            {"id": 197, "name": "Current_Pending_Sector", "raw": {"value": 40, "string": "40"}},
            {"id": 198, "name": "Offline_Uncorrectable", "raw": {"value": 40, "string": "40"}},
        ],
    },
}
"""The parts of smartctl's output that are read, for the documentation."""


_COLUMNS = {attribute.id: attribute.column for attribute in ATTRIBUTES.values()}


class Stated(NamedTuple):
    """Facts that smartctl states of a drive beside telemetry.

    Attributes
    ----------
    rotation_rate : int or None
        Turns a minute, 0 for a solid-state drive; None where it is not said.
    family : str
        As smartmontools calls it; empty where it is not said.
    """

    rotation_rate: int | None
    family: str


def _at(document: Mapping[str, Any], path: str) -> Any:
    value: Any = document
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _date(seconds: object) -> object:
    """Return the day, in UTC, of a Unix time; what is no time is handed on, to be found at fault."""
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        return seconds
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return seconds


def telemetry_of(document: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the row of telemetry in smartctl's output (``-a -j``, ``-x -j`` or ``-iA -j``).

    Returns
    -------
    fields : dict
        As `functions.scoring.online.request_parser.read_drive` takes them.
    paths : dict of str to str
        Path in the document of each field.

    Raises
    ------
    NoAtaAttributesError
        It has no table of ATA SMART attributes: an NVMe or SCSI drive, or smartctl could not read the drive.
    """
    table = _at(document, "ata_smart_attributes.table")
    if not isinstance(table, list):
        raise NoAtaAttributesError(_why_none(document))
    fields = {column: _at(document, path) for column, path in PATHS.items()}
    fields["date"] = _date(fields["date"])
    paths = dict(PATHS)
    for index, entry in enumerate(table):
        if not isinstance(entry, dict):
            continue
        number, raw = entry.get("id"), entry.get("raw")
        column = _COLUMNS.get(number) if isinstance(number, int) else None
        if column is not None:
            fields[column] = raw.get("value") if isinstance(raw, dict) else None
            paths[column] = f"ata_smart_attributes.table[{index}].raw.value"
    return fields, paths


def stated_of(document: Mapping[str, Any]) -> Stated:
    """Return what the output says of the drive that telemetry does not."""
    rate, family = _at(document, "rotation_rate"), _at(document, "model_family")
    is_rate = isinstance(rate, int) and not isinstance(rate, bool) and rate >= 0
    return Stated(rate if is_rate else None, family if isinstance(family, str) else "")


def speaks_ata(document: Mapping[str, Any]) -> bool:
    """Tell whether a drive may have ATA SMART attributes: NVMe and SCSI drives say that they are such."""
    protocol = _at(document, "device.protocol")
    return not isinstance(protocol, str) or protocol == "ATA"


def _why_none(document: Mapping[str, Any]) -> str:
    protocol = _at(document, "device.protocol")
    messages = _at(document, "smartctl.messages")
    reported = [
        str(message["string"])
        for message in (messages if isinstance(messages, list) else [])
        if isinstance(message, dict) and "string" in message
    ]
    found = f"a drive that speaks {show_value(protocol)}" if protocol else "no ata_smart_attributes.table"
    reason = f" smartctl said: {show_value(reported[0])}." if reported else ""
    return (
        f"The output shows {found}; expected ata_smart_attributes.table, as smartctl -a -j prints it for ATA "
        "and SATA drives. The forecast rests on ATA SMART attributes, which NVMe and SCSI drives do not have."
        f"{reason}"
    )


def at_their_paths(faults: list[Fault], paths: Mapping[str, str]) -> list[Fault]:
    """Return faults with the paths of smartctl's output instead of telemetry's columns."""
    return [Fault(paths.get(fault.field, fault.field), fault.found, fault.expected) for fault in faults]
