from __future__ import annotations

import json
from pathlib import Path

import pytest

from collector.drives.scan import Device, find_devices
from collector.drives.unreadable import UnreadableError
from tests.support.fake_smartctl import calls, install


def test_the_scans_types_are_kept_but_scsi(tmp_path: Path) -> None:
    """A scan calls every /dev/sd* scsi, and SATA drives asked with -d scsi show no attributes."""
    found = {"/dev/sda": "scsi", "/dev/sdb": "sat", "/dev/bus/0": "megaraid,1", "/dev/nvme0": "nvme"}
    program = install(tmp_path, found)
    devices, unopened = find_devices(str(program), "scan", [], [])
    assert [str(device) for device in devices] == [
        "/dev/sda",
        "/dev/sdb -d sat",
        "/dev/bus/0 -d megaraid,1",
        "/dev/nvme0 -d nvme",
    ]
    assert not unopened
    assert calls(tmp_path) == [["--scan", "-j"]]


def test_what_the_person_names_counts(tmp_path: Path) -> None:
    program = install(tmp_path, {"/dev/sda": "scsi", "/dev/sdb": "scsi"})
    named = [
        Device("/dev/sdb", "sat,12"),
        Device("/dev/bus/0", "megaraid,0"),
        Device("/dev/bus/0", "megaraid,1"),
    ]
    devices, _ = find_devices(str(program), "scan", named, [])
    assert devices == [*named, Device("/dev/sda")]


def test_excluded_paths(tmp_path: Path) -> None:
    program = install(tmp_path, {"/dev/sda": "scsi", "/dev/nvme0": "nvme", "/dev/nvme1": "nvme"})
    devices, _ = find_devices(str(program), "scan", [], ["/dev/nvme?"])
    assert devices == [Device("/dev/sda")]


def test_no_scan(tmp_path: Path) -> None:
    program = install(tmp_path, {"/dev/sda": "scsi"})
    assert find_devices(str(program), "none", [Device("/dev/sdb")], []) == ([Device("/dev/sdb")], [])
    assert calls(tmp_path) == []


def test_a_drive_that_scan_open_could_not_open(tmp_path: Path) -> None:
    program = install(tmp_path)
    entry = {"name": "/dev/sda", "type": "scsi", "open_error": "Permission denied"}
    (tmp_path / "scan.json").write_text(json.dumps({"devices": [entry]}))
    devices, [(device, error)] = find_devices(str(program), "scan-open", [], [])
    assert (devices, device) == ([], Device("/dev/sda"))
    assert error.cause.code == "permission"


def test_a_host_without_drives(tmp_path: Path) -> None:
    program = install(tmp_path)
    (tmp_path / "scan.json").write_text(json.dumps({"smartctl": {"exit_status": 0}}))
    assert find_devices(str(program), "scan", [], []) == ([], [])


def test_a_scan_that_fails(tmp_path: Path) -> None:
    program = install(tmp_path)
    said = [{"string": "UNRECOGNIZED OPTION: scan", "severity": "error"}]
    (tmp_path / "scan.json").write_text(json.dumps({"smartctl": {"exit_status": 1, "messages": said}}))
    with pytest.raises(UnreadableError) as caught:
        find_devices(str(program), "scan", [], [])
    assert caught.value.cause.code == "usage"
