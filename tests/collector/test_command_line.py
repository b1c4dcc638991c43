"""The whole command: a fake smartctl on one side, real receivers on the other, and each exit code."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector import outbox
from collector.command_line import main
from collector.exit_codes import EXIT_CODES
from collector.files import only_run_in
from collector.sending import spool
from collector.telemetry import day_file
from collector.telemetry.day_csv import read_csv
from tests.collector.recorded import recording
from tests.support.fake_smartctl import calls, install, record
from tests.support.needed_program import needs
from tests.support.running_app import PROJECT, free_ports
from tests.support.scripted_receiver import HANG, Scripted, ScriptedReceiver, scripted_receiver
from tests.support.waiting import wait_until

SMARTCTL = shutil.which("smartctl", path=f"{os.environ['PATH']}:/usr/sbin")
CODE = {code.name: code.number for code in EXIT_CODES}


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on PATH with a smartctl that finds a SATA, an NVMe and a SAS drive."""
    folder = tmp_path / "bin"
    folder.mkdir()
    install(folder, {"/dev/sda": "scsi", "/dev/nvme0": "nvme", "/dev/sdb": "scsi"})
    record(folder, "sda", recording("hdd-exos-x16"))
    record(folder, "nvme0@nvme", recording("nvme-970-evo-plus"))
    record(folder, "sdb", recording("sas-hitachi"))
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("DRIVECAST_COLLECT_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("DRIVECAST_COLLECT_HOST", "h1")
    monkeypatch.setenv("DRIVECAST_COLLECT_ATTEMPTS", "1")
    return folder


@pytest.fixture
def receiver() -> Iterator[ScriptedReceiver]:
    """A storage or an app."""
    with scripted_receiver() as running:
        yield running


def serials(content: bytes) -> list[str]:
    return [row["serial_number"] for row in read_csv(content, "x").rows]


ALL = ["ZL20AAAA", "S4EUAAAAAAAAAAA", "001234AAAAAA"]


def test_the_csv_goes_to_standard_output(host: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == CODE["ok"]
    assert serials(capsys.readouterr().out.encode()) == ALL


def test_files(host: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--csv", str(tmp_path / "{host}-{date}.csv")]) == CODE["ok"]
    today = dt.datetime.now(dt.UTC).date().isoformat()
    content = (tmp_path / f"h1-{today}.csv").read_bytes()
    assert serials(content) == ALL
    for _ in range(2):
        assert main(["--append", str(tmp_path / "all.csv")]) == CODE["ok"]
        assert (tmp_path / "all.csv").read_bytes() == content
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("sleeping", [["sdb"], ["sda", "sdb", "nvme0@nvme"]])
def test_sleeping_drives_are_no_error(host: Path, tmp_path: Path, sleeping: list[str]) -> None:
    for name in sleeping:
        record(host, name, recording("standby"))
    assert main(["--append", str(tmp_path / "day.csv")]) == CODE["ok"]
    assert (tmp_path / "day.csv").exists() is (len(sleeping) < 3)


def test_a_drive_that_cannot_be_read(host: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record(host, "sdb", recording("permission"))
    assert main(["--append", str(tmp_path / "day.csv")]) == CODE["some_unreadable"]
    assert serials((tmp_path / "day.csv").read_bytes()) == ALL[:2]
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("drivecast-collect: /dev/sdb: ")
    assert "(permission)" in line


@pytest.mark.parametrize("found", [{}, {"/dev/sdz": "sat"}])
def test_nothing_to_read(host: Path, tmp_path: Path, found: dict[str, str]) -> None:
    install(host, found)
    assert main(["--append", str(tmp_path / "day.csv")]) == CODE["nothing_read"]
    assert not (tmp_path / "day.csv").exists()


def test_no_smartctl(host: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--smartctl", "no-such-smartctl"]) == CODE["configuration"]
    assert "smartmontools" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_does_not_stop_what_is_sent(
    host: Path, receiver: ScriptedReceiver, tmp_path: Path
) -> None:
    (tmp_path / "notes.csv").write_text("a,b\n")
    arguments = ["--append", str(tmp_path / "notes.csv"), "--upload", f"{receiver.url}/telemetry?sig=x"]
    assert main(arguments) == CODE["configuration"]
    assert len(receiver.received) == 1


def test_a_day_is_uploaded_by_host(host: Path, receiver: ScriptedReceiver) -> None:
    assert main(["--upload", f"{receiver.url}/telemetry?sig=x%2F"]) == CODE["ok"]
    [request] = receiver.received
    today = dt.datetime.now(dt.UTC).date().isoformat()
    assert (request.method, request.path) == ("PUT", f"/telemetry/h1/{today}.csv?sig=x%2F")
    assert serials(request.body) == ALL


def test_smartctls_own_output_is_uploaded(host: Path, receiver: ScriptedReceiver) -> None:
    assert main(["--upload", f"{receiver.url}/telemetry?sig=x", "--upload-as", "json"]) == CODE["ok"]
    record(host, "sdb", recording("standby"))
    main(["--upload", f"{receiver.url}/telemetry?sig=x", "--upload-as", "json"])
    names = ("hdd-exos-x16", "nvme-970-evo-plus", "sas-hitachi")
    for request in receiver.received:
        assert request.path.partition("?")[0].endswith(".json")
        documents = [json.loads(line) for line in request.body.splitlines()]
        assert documents == [json.loads(recording(name).read_text()) for name in names]


def test_a_disk_that_turned_read_only(
    host: Path,
    receiver: ScriptedReceiver,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Just when its telemetry says most: what was read goes out without a file being written."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    for module in (day_file, spool):
        monkeypatch.setattr(module, "write_whole", refuse)
    arguments = ["--upload", f"{receiver.url}/telemetry?sig=x"]
    assert main(arguments) == CODE["ok"]
    assert serials(receiver.received[0].body) == ALL
    assert "Read-only file system" in capsys.readouterr().err
    receiver.then = Scripted(503)
    assert main(arguments) == CODE["lost"]


def test_what_is_collected_is_scored_without_a_reject(host: Path, tmp_path: Path) -> None:
    record(host, "sdb", recording("hdd-wd-red"))
    assert main(["--append", str(tmp_path / "day.csv")]) == CODE["ok"]
    output = tmp_path / "out"
    arguments = [str(tmp_path / "day.csv"), "--output", str(output)]
    command = [sys.executable, "-m", "functions.score", *arguments]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len((output / "day.csv").read_text().splitlines()) == 1 + 3
    assert len((output / "day.rejects.csv").read_text().splitlines()) == 1


def test_the_second_run_of_a_day_keeps_drives_that_sleep_now(host: Path, receiver: ScriptedReceiver) -> None:
    main(["--upload", f"{receiver.url}/telemetry?sig=x"])
    record(host, "sdb", recording("standby"))
    main(["--upload", f"{receiver.url}/telemetry?sig=x"])
    assert [serials(request.body) for request in receiver.received] == [ALL, ALL]


def test_offline_and_back(host: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [port] = free_ports(1)
    address = f"http://127.0.0.1:{port}"
    assert main(["--upload", f"{address}/telemetry?sig=SECRET", "--send", address]) == CODE["spooled"]
    captured = capsys.readouterr()
    assert "kept for the next run" in captured.err
    assert "SECRET" not in captured.err + captured.out
    install(host)  # no drives any more: what waits goes out all the same
    with scripted_receiver() as receiver:
        done = main(["--upload", f"{receiver.url}/telemetry?sig=x", "--send", receiver.url])
        assert done == CODE["nothing_read"]
        assert sorted(request.method for request in receiver.received) == ["POST", "POST", "POST", "PUT"]
        receiver.received.clear()
        main(["--upload", f"{receiver.url}/telemetry?sig=x"])
        assert receiver.received == []


def test_a_refusal_is_graver_than_what_waits_and_than_a_drive(host: Path, receiver: ScriptedReceiver) -> None:
    record(host, "sdb", recording("permission"))
    receiver.then = lambda request: Scripted(403 if request.method == "PUT" else 503)
    arguments = ["--upload", f"{receiver.url}/telemetry?sig=x", "--send", receiver.url]
    assert main(arguments) == CODE["refused"]
    receiver.then = Scripted(503)
    assert main(arguments) == CODE["spooled"]


def test_a_full_spool(host: Path, capsys: pytest.CaptureFixture[str]) -> None:
    large = json.loads(recording("hdd-exos-x16").read_text())
    large["padding"] = "x" * 700_000
    for name, serial in (("sda", "A"), ("sdb", "B")):
        record(host, name, {**large, "serial_number": serial})
    arguments = ["--send", "http://127.0.0.1:9", "--spool-mb", "1"]
    assert main(arguments) == CODE["lost"]
    assert "raise --spool-mb" in capsys.readouterr().err


def test_another_run_works(host: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "BUSY_SECONDS", 0.2)
    with only_run_in(tmp_path / "state", 0):
        assert main(["--send", "http://127.0.0.1:9"]) == CODE["busy"]


def test_a_drive_at_risk_has_a_line(
    host: Path, receiver: ScriptedReceiver, capsys: pytest.CaptureFixture[str]
) -> None:
    forecast = {"model": "M", "serial_number": "S", "risk": "high", "probability": 0.5, "horizon_days": 30}
    receiver.script = [Scripted(200, json.dumps(forecast).encode())]
    assert main(["--send", receiver.url]) == CODE["ok"]
    assert capsys.readouterr().err == "drivecast-collect: M S: risk high, 50.0% within 30 days.\n"


def test_secrets_of_the_environment(
    host: Path, receiver: ScriptedReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIVECAST_COLLECT_SEND", receiver.url)
    monkeypatch.setenv("DRIVECAST_COLLECT_KEY", "KEY")
    assert main(["--send-as", "batch"]) == CODE["ok"]
    assert [request.headers["x-functions-key"] for request in receiver.received] == ["KEY"]


def test_named_drives_and_left_out_ones(host: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--scan", "scan-open", "--device", "/dev/sdb", "--exclude", "/dev/nvme*"]) == CODE["ok"]
    assert serials(capsys.readouterr().out.encode()) == [ALL[2], ALL[0]]
    assert calls(host)[0] == ["--scan-open", "-j"]


def test_killed_while_it_sends(host: Path, receiver: ScriptedReceiver) -> None:
    """kill -9 in the middle of a request: the next run sends what this one had read."""
    receiver.script = [Scripted(), HANG]
    command = [sys.executable, "-m", "collector", "--send", receiver.url]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL)
    wait_until(lambda: len(receiver.received) == 2)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    first = receiver.received[0].body
    install(host)
    assert main(["--send", receiver.url]) == CODE["nothing_read"]
    later = [request.body for request in receiver.received[2:]]
    assert len(later) == 2
    assert first not in later


@needs(SMARTCTL, "no smartctl on PATH; install Debian's package smartmontools")
def test_the_real_smartctl(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Debian's smartmontools on a machine with or without drives, and a device that does not exist."""
    arguments = ["--scan", "none", "--state", str(tmp_path)]
    assert main([*arguments, "--device", "/dev/no-such-drive=sat"]) == CODE["nothing_read"]
    assert "(gone)" in capsys.readouterr().err
    assert main([*arguments, "--device", "/dev/null"]) == CODE["nothing_read"]
    assert "(usb_bridge)" in capsys.readouterr().err
    assert main([*arguments, "--device", "/dev/null=nosuchtype"]) == CODE["nothing_read"]
    assert "(usage)" in capsys.readouterr().err
    assert main(["--scan", "scan", "--state", str(tmp_path)]) in {code.number for code in EXIT_CODES[:5]}
