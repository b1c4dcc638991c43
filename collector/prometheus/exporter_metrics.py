"""smartctl_exporter's metrics, asked of a Prometheus, as rows of telemetry by host.

Names and labels are those of prometheus-community/smartctl_exporter 0.14.0 (metrics.go, smartctl.go).
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Mapping, NamedTuple, Sequence

from collector.drives.reading import RAW_COLUMN, STATUS_COLUMN, Row
from collector.drives.unreadable import (
    AMBIGUOUS,
    BEHIND_SCSI,
    NO_ATTRIBUTES,
    NO_MODEL,
    NO_SERIAL_NUMBER,
    NOT_SCRAPED,
    Cause,
    UnreadableError,
)
from collector.prometheus.query import MetricSample, PrometheusServer, query_samples

_DEVICE = "device, instance, job"
_IDENTITY = _DEVICE + ", model_name, serial_number, protocol, scsi_vendor"
QUERIES = {
    "seen": "max by (" + _IDENTITY + ") (last_over_time(smartctl_device{MATCH}[1d]))",
    "now": "max by (" + _IDENTITY + ") (smartctl_device{MATCH})",
    "capacity": "max by (" + _DEVICE + ") (smartctl_device_capacity_bytes{MATCH})",
    "status": "min by (" + _DEVICE + ") (smartctl_device_smart_status{MATCH})",
}
"""What is asked, with MATCH for the person's own labels. Fewer labels make the answer for a large fleet a
third of its size. ``seen`` has the drives of the last day, so that one no longer scraped is missed."""

RAW_QUERIES = tuple(
    f"max by ({_DEVICE}, attribute_id) "
    f'(smartctl_device_attribute{{attribute_value_type="raw",attribute_id=~"{numbers}",MATCH}})'
    for numbers in ("[0-9]", "[0-9]{2}", "1[0-9]{2}", "2[0-9]{2}")
)
"""Raw values in four answers: those of 10,000 drives have 34 MB together."""

EXACT = 2**53
"""Prometheus stores floating-point numbers: whole numbers are exact below this."""

_NOT_IN_A_HOST = re.compile(r"[^A-Za-z0-9._-]+")


class ExportedDrives(NamedTuple):
    """Rows by host; drives that have none, and why; raw values left out because Prometheus rounded them."""

    rows: dict[str, list[Row]]
    unreadable: list[tuple[str, UnreadableError]]
    inexact: int


def exported_drives(server: PrometheusServer, match: str, date: str) -> ExportedDrives:
    """Return the drives that a Prometheus knows. PrometheusError where it does not answer.

    Parameters
    ----------
    match : str
        Label matchers that the metrics must fulfil, such as ``job="smartctl"``, or "".
    date : str
        Of the rows, YYYY-MM-DD.
    """

    def ask(query: str) -> list[MetricSample]:
        return query_samples(server, query.replace("MATCH", match))

    answers = {name: ask(query) for name, query in QUERIES.items()}
    answers["raw"] = [sample for query in RAW_QUERIES for sample in ask(query)]
    return join_samples(answers, date)


def join_samples(answers: Mapping[str, Sequence[MetricSample]], date: str) -> ExportedDrives:
    """Return the drives in the answers to `QUERIES` and, as ``raw``, to `RAW_QUERIES`, by host and device."""
    raw, inexact = _raw_values(answers["raw"])
    capacity = {sample.drive: _whole(sample.value) for sample in answers["capacity"]}
    status = {sample.drive: sample.value == "1" for sample in answers["status"]}
    sharing = Counter(
        drive for drive, _ in {(each.drive, _model_and_serial(each)) for each in answers["now"]}
    )
    found = ExportedDrives({}, [], inexact)
    taken: set[tuple[str, str]] = set()
    for sample in sorted(answers["now"], key=lambda each: each.drive):
        cells = raw.get(sample.drive, {})
        cause = AMBIGUOUS if sharing[sample.drive] > 1 else _cause(sample, cells)
        if cause is not None:
            found.unreadable.append((_name(sample), UnreadableError(cause)))
        elif (
            _model_and_serial(sample) not in taken
        ):  # else a second path to it, or a second job that scrapes it
            taken.add(_model_and_serial(sample))
            row = {
                "date": date,
                "serial_number": sample.label("serial_number"),
                "model": sample.label("model_name"),
            }
            if capacity.get(sample.drive):
                row["capacity_bytes"] = str(capacity[sample.drive])
            if sample.drive in status:
                row[STATUS_COLUMN] = "true" if status[sample.drive] else "false"
            row.update((RAW_COLUMN.format(number), str(value)) for number, value in sorted(cells.items()))
            found.rows.setdefault(host_of(sample.label("instance")), []).append(row)
    known = {_model_and_serial(sample) for sample in answers["now"]}
    for sample in sorted(answers["seen"], key=lambda each: each.drive):
        if _model_and_serial(sample) not in known:
            found.unreadable.append((_name(sample), UnreadableError(NOT_SCRAPED)))
    return found


def host_of(instance: str) -> str:
    """Return the host of an instance label, without its port, fit for a path."""
    host = re.sub(r":[0-9]+$", "", instance)
    return _NOT_IN_A_HOST.sub("-", host).strip(".-_")[:63] or "prometheus"


def _raw_values(samples: Sequence[MetricSample]) -> tuple[dict[tuple[str, ...], dict[int, int]], int]:
    """Return raw values by drive and attribute, and how many were left out."""
    found: dict[tuple[str, ...], dict[int, int]] = {}
    inexact = 0
    for sample in samples:
        value, number = _whole(sample.value), sample.label("attribute_id")
        if value is not None and value >= EXACT:
            inexact += 1
        elif value is not None and number.isdigit():
            found.setdefault(sample.drive, {})[int(number)] = value
    return found, inexact


def _cause(sample: MetricSample, cells: Mapping[int, int]) -> Cause | None:
    """Return why a drive has no row; None where it has one."""
    model = sample.label("model_name")
    if model in ("", "unknown"):
        return NO_MODEL
    if not sample.label("serial_number"):
        return NO_SERIAL_NUMBER
    protocol = sample.label("protocol")
    if protocol == "SCSI" and (sample.label("scsi_vendor") == "ATA" or model.startswith("ATA ")):
        return BEHIND_SCSI
    return NO_ATTRIBUTES if protocol == "ATA" and not cells else None


def _model_and_serial(sample: MetricSample) -> tuple[str, str]:
    return (sample.label("model_name"), sample.label("serial_number"))


def _name(sample: MetricSample) -> str:
    return "{} {}".format(sample.label("instance"), sample.label("device")).strip()


def _whole(text: str) -> int | None:
    try:
        value = float(text)
        return int(value) if value >= 0 and value == int(value) else None
    except (ValueError, OverflowError):
        return None
