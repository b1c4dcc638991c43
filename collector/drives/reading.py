"""One drive's smartctl output as a row of telemetry."""

from __future__ import annotations

from typing import Any, Dict

from collector.drives.smartctl_run import SmartctlOutput
from collector.drives.unreadable import (
    BEHIND_SCSI,
    NO_ATTRIBUTES,
    NO_MODEL,
    NO_SERIAL_NUMBER,
    NO_SMART,
    NOT_IDENTIFIED,
    OTHER,
    SMART_DISABLED,
    UnreadableError,
    cause_of,
)

Row = Dict[str, str]
"""Cells of one drive-day by column; a column that is not there is an empty cell."""

RAW_COLUMN = "smart_{}_raw"
"""Name of the column of an attribute's raw value."""

STATUS_COLUMN = "smart_status_passed"
"""The drive's own verdict: true, false, or empty where it gives none."""

_LARGEST = 2**64
"""The widest raw value that smartctl prints has eight bytes."""


def at(document: Any, path: str) -> Any:
    """Return the value at a dotted path of a document; None where there is none."""
    for name in path.split("."):
        document = document.get(name) if isinstance(document, dict) else None
    return document


def is_sata_behind_scsi(document: dict[str, Any]) -> bool:
    """Say whether the output is that of a SATA drive asked in SCSI's language, which has no attributes."""
    if at(document, "device.protocol") != "SCSI" or "ata_smart_attributes" in document:
        return False
    vendor = at(document, "scsi_vendor") or at(document, "vendor")
    return _text(vendor) == "ATA" or model_of(document).startswith("ATA ")


def model_of(document: dict[str, Any]) -> str:
    """Return the drive's model, "" where it gives none; SAS drives have it as vendor and product."""
    named = _text(document.get("model_name")) or _text(document.get("scsi_model_name"))
    parts = (_text(document.get("scsi_vendor")), _text(document.get("scsi_product")))
    return named or " ".join(filter(None, parts))


def drive_of(document: dict[str, Any]) -> tuple[str, str]:
    """Return the model and serial number of a drive, "" where it does not say."""
    return model_of(document), _text(document.get("serial_number"))


def row_of(output: SmartctlOutput, date: str) -> Row:
    """Return a drive's row of a day, YYYY-MM-DD; raw values are smartctl's ``raw.value``, digit by digit.

    NVMe and SAS drives have no ATA attributes: their rows say who they are and what they say of themselves.

    Raises
    ------
    UnreadableError
        The output has no drive, none with a model and a serial number, or a SATA drive without attributes.
    """
    document = output.document
    model, serial = drive_of(document)
    table = at(document, "ata_smart_attributes.table")
    if not isinstance(table, list) and (output.failed or not (model or serial or "device" in document)):
        # smartctl's text about a failed identification is not part of its JSON
        opened = output.failed and not output.said and "device" in document
        raise UnreadableError(cause_of(output.said, NOT_IDENTIFIED if opened else OTHER), output.said)
    _check_attributes(output, table)
    if not serial:
        raise UnreadableError(NO_SERIAL_NUMBER, output.said)
    if not model:
        raise UnreadableError(NO_MODEL, output.said)
    row = {"date": date, "serial_number": serial, "model": model}
    capacity = at(document, "user_capacity.bytes") or document.get("nvme_total_capacity")
    if _whole(capacity):
        row["capacity_bytes"] = str(capacity)
    passed = at(document, "smart_status.passed")
    if isinstance(passed, bool):
        row[STATUS_COLUMN] = "true" if passed else "false"
    for entry in table if isinstance(table, list) else []:
        number, value = at(entry, "id"), at(entry, "raw.value")
        if _whole(number) and _whole(value):
            row[RAW_COLUMN.format(number)] = str(value)
    return row


def _check_attributes(output: SmartctlOutput, table: Any) -> None:
    """Raise UnreadableError where an ATA drive has no table of attributes."""
    document = output.document
    if isinstance(table, list):
        return
    if is_sata_behind_scsi(document):
        raise UnreadableError(BEHIND_SCSI, output.said)
    support = document.get("smart_support")
    if at(support, "available") is False:
        raise UnreadableError(NO_SMART, output.said)
    judged = isinstance(at(document, "smart_status.passed"), bool)
    if at(support, "enabled") is False and not judged:
        raise UnreadableError(SMART_DISABLED, output.said)
    protocol = at(document, "device.protocol")
    if protocol == "SCSI" and not judged:
        raise UnreadableError(NO_SMART, output.said)
    if protocol == "ATA":
        raise UnreadableError(cause_of(output.said, NO_ATTRIBUTES), output.said)


def _text(value: Any) -> str:
    """Return a text on one line, without what cannot be printed; "" for anything else."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(each if each.isprintable() else " " for each in value).split())


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST
