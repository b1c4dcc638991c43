from __future__ import annotations

import pytest

from collector.drives.reading import row_of
from collector.prometheus.exporter_metrics import ExportedDrives, host_of, join_samples
from collector.prometheus.query import MetricSample
from tests.collector.recorded import output_of, recording

DATE = "2026-11-30"


def answers(*drives: dict[str, str], **values: dict[str, str]) -> dict[str, list[MetricSample]]:
    """Return answers with drives that are there now; *values* are raw values by attribute, of each."""
    now = [
        MetricSample({"device": "sda", "instance": "h1:9633", "protocol": "ATA", **labels}, "1")
        for labels in drives
    ]
    where = [{key: sample.label(key) for key in ("device", "instance", "job")} for sample in now]
    raw = values.get("raw", {"5": "1"})
    return {
        "seen": list(now),
        "now": now,
        "capacity": [MetricSample(labels, "4e+12") for labels in where],
        "status": [MetricSample(labels, "1") for labels in where],
        "raw": [
            MetricSample({**labels, "attribute_id": key}, text)
            for labels in where
            for key, text in raw.items()
        ],
    }


def joined(*drives: dict[str, str], **values: dict[str, str]) -> ExportedDrives:
    return join_samples(answers(*drives, **values), DATE)


ONE = {"model_name": "M", "serial_number": "S"}


def test_a_row() -> None:
    found = joined(ONE, raw={"197": "8", "5": "1.37441050656e+11", "9": "0"})
    assert found.rows == {
        "h1": [
            {
                "date": DATE,
                "serial_number": "S",
                "model": "M",
                "capacity_bytes": "4000000000000",
                "smart_status_passed": "true",
                "smart_5_raw": "137441050656",
                "smart_9_raw": "0",
                "smart_197_raw": "8",
            }
        ]
    }
    assert (found.unreadable, found.inexact) == ([], 0)


def test_what_a_float_rounds_is_left_out() -> None:
    found = joined(ONE, raw={"9": "9.007199254740992e+15", "5": "9.007199254740991e+15"})
    assert found.rows["h1"][0]["smart_5_raw"] == str(2**53 - 1)
    assert "smart_9_raw" not in found.rows["h1"][0]
    assert found.inexact == 1


@pytest.mark.parametrize("text", ["NaN", "+Inf", "-1", "1.5", "x"])
def test_what_is_no_whole_number_is_left_out(text: str) -> None:
    assert "smart_9_raw" not in joined(ONE, raw={"9": text, "5": "1"}).rows["h1"][0]


@pytest.mark.parametrize(
    ("labels", "code"),
    [
        ({"model_name": "unknown"}, "no_model"),
        ({"model_name": ""}, "no_model"),
        ({"serial_number": ""}, "no_serial_number"),
        ({"protocol": "SCSI", "model_name": "ATA WDC WD40"}, "behind_scsi"),
        ({"protocol": "SCSI", "scsi_vendor": "ATA"}, "behind_scsi"),
    ],
)
def test_a_drive_without_a_row(labels: dict[str, str], code: str) -> None:
    found = joined({**ONE, **labels})
    assert not found.rows
    assert [(name, error.cause.code) for name, error in found.unreadable] == [("h1:9633 sda", code)]


def test_an_ata_drive_without_attributes() -> None:
    assert joined(ONE, raw={}).unreadable[0][1].cause.code == "no_attributes"
    assert joined({**ONE, "protocol": "NVMe"}, raw={}).rows


def test_a_drive_that_two_jobs_scrape_is_there_once() -> None:
    found = joined({**ONE, "job": "a"}, {**ONE, "job": "b"}, {**ONE, "job": "c", "serial_number": "T"})
    assert [row["serial_number"] for row in found.rows["h1"]] == ["S", "T"]


def test_drives_that_cannot_be_told_apart() -> None:
    found = joined(ONE, {**ONE, "serial_number": "T"}, {**ONE, "device": "sdb", "serial_number": "U"})
    assert [error.cause.code for _, error in found.unreadable] == ["ambiguous", "ambiguous"]
    assert [row["serial_number"] for row in found.rows["h1"]] == ["U"]


def test_a_drive_that_is_no_longer_scraped() -> None:
    given = answers(ONE, {**ONE, "serial_number": "T", "device": "sdb"})
    given["now"] = given["now"][:1]
    [(name, error)] = join_samples(given, DATE).unreadable
    assert (name, error.cause.code) == ("h1:9633 sdb", "not_scraped")


@pytest.mark.parametrize(
    ("instance", "host"),
    [
        ("server1:9633", "server1"),
        ("server1.example.com", "server1.example.com"),
        ("10.0.0.1:9633", "10.0.0.1"),
        ("[2001:db8::1]:9633", "2001-db8-1"),
        ("http://x/metrics", "http-x-metrics"),
        ("../../etc", "etc"),
        ("", "prometheus"),
        ("h" * 99, "h" * 63),
    ],
)
def test_a_host_is_fit_for_a_path(instance: str, host: str) -> None:
    assert host_of(instance) == host


def test_rows_are_those_of_smartctl() -> None:
    """The names of columns are one thing, wherever the values come from."""
    row = row_of(output_of(recording("hdd-wd-red")), DATE)
    assert {
        "date",
        "serial_number",
        "model",
        "capacity_bytes",
        "smart_status_passed",
        "smart_5_raw",
    } <= row.keys()
    assert joined(ONE).rows["h1"][0].keys() <= row.keys()
