from __future__ import annotations

import time
from pathlib import Path

import pytest

from collector.drives.collection import Asking, Collected, collect
from collector.drives.scan import Device
from tests.collector.recorded import recording
from tests.support.fake_smartctl import calls, install, record

DATE = "2026-11-30"


def collected(folder: Path, *devices: Device, power_mode: str = "standby", parallel: int = 4) -> Collected:
    return collect(devices, Asking(str(folder / "smartctl"), power_mode, 20.0, parallel), DATE)


def test_each_drive_is_asked_with_its_type_and_not_woken(tmp_path: Path) -> None:
    install(tmp_path)
    record(tmp_path, "sda", recording("hdd-wd-red"))
    record(tmp_path, "0@megaraid,1", recording("sata-behind-megaraid"))
    found = collected(tmp_path, Device("/dev/sda"), Device("/dev/bus/0", "megaraid,1"), parallel=1)
    assert [drive.row["model"] for drive in found.drives] == ["WDC WD20EFRX-68EUZN0", "WD4000FYYX"]
    assert calls(tmp_path) == [
        ["-a", "-j", "-n", "standby", "/dev/sda"],
        ["-a", "-j", "-n", "standby", "-d", "megaraid,1", "/dev/bus/0"],
    ]


def test_a_power_mode(tmp_path: Path) -> None:
    install(tmp_path)
    collected(tmp_path, Device("/dev/sda"), power_mode="never")
    assert calls(tmp_path) == [["-a", "-j", "-n", "never", "/dev/sda"]]


def test_a_sata_drive_that_shows_itself_as_scsi_is_asked_again(tmp_path: Path) -> None:
    install(tmp_path)
    record(tmp_path, "sdf", recording("sata-behind-scsi"))
    record(tmp_path, "sdf@sat", recording("hdd-wd-red"))
    assert [drive.row["model"] for drive in collected(tmp_path, Device("/dev/sdf")).drives] == [
        "WDC WD20EFRX-68EUZN0"
    ]


def test_a_sata_drive_behind_scsi_that_sat_does_not_help(tmp_path: Path) -> None:
    install(tmp_path)
    record(tmp_path, "sdf", recording("sata-behind-scsi"))
    [(device, error)] = collected(tmp_path, Device("/dev/sdf")).unreadable
    assert (device.path, error.cause.code) == ("/dev/sdf", "behind_scsi")
    record(tmp_path, "sdf@scsi", recording("sata-behind-scsi"))
    [(_, error)] = collected(tmp_path, Device("/dev/sdf", "scsi")).unreadable  # as the person wants it
    assert error.cause.code == "behind_scsi"


def test_a_drive_with_two_paths_is_one_drive(tmp_path: Path) -> None:
    install(tmp_path)
    for name in ("sda", "sdb"):
        record(tmp_path, name, recording("sas-hitachi"))
    found = collected(tmp_path, Device("/dev/sda"), Device("/dev/sdb"))
    assert len(found.drives) == 1
    assert found.repeated == [(Device("/dev/sdb"), Device("/dev/sda"))]


@pytest.mark.parametrize("parallel", [1, 4])
def test_a_slow_drive_does_not_hold_the_others(tmp_path: Path, parallel: int) -> None:
    install(tmp_path)
    devices = [Device(f"/dev/sd{letter}") for letter in "abcd"]
    for device, name in zip(
        devices, ["hdd-wd-red", "hdd-exos-x16", "ssd-micron-5300", "sas-hitachi"], strict=True
    ):
        record(tmp_path, device.path[5:], recording(name), seconds=1)
    began = time.monotonic()
    found = collected(tmp_path, *devices, parallel=parallel)
    assert [drive.device for drive in found.drives] == devices
    assert (time.monotonic() - began >= 4) is (parallel == 1)
