"""A real Prometheus scrapes the exporter's text for recorded drives; the CSV is that of smartctl itself."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.drives.reading import row_of
from tests.collector.oldest_python import oldest_python
from tests.collector.prometheus.exporter_text import exporter_text
from tests.collector.prometheus.running_prometheus import (
    ABSENT,
    PROMETHEUS,
    RunningPrometheus,
    running_prometheus,
)
from tests.collector.recorded import output_of, recording
from tests.support.needed_program import needs
from tests.support.running_app import PROJECT
from tests.support.scripted_receiver import Scripted, ScriptedReceiver, scripted_receiver

HOSTS = {
    "host1:9633": ["hdd-exos-x16", "nvme-970-evo-plus", "usb-jmicron-failing"],
    "host2:9633": ["hdd-wd-red", "sas-hitachi", "ssd-micron-5300"],
}
TEXT = {"Content-Type": "text/plain; version=0.0.4"}


pytestmark = needs(PROMETHEUS, ABSENT)


@pytest.fixture(scope="module")
def exporters() -> Iterator[dict[str, ScriptedReceiver]]:
    """Two hosts' exporters."""
    with scripted_receiver() as first, scripted_receiver() as second:
        found = dict(zip(HOSTS, (first, second), strict=True))
        for host, receiver in found.items():
            documents = [output_of(recording(name)).document for name in HOSTS[host]]
            for letter, document in zip("abc", documents, strict=True):
                document["device"]["name"] = f"/dev/sd{letter}"
            receiver.then = Scripted(200, exporter_text(documents).encode(), TEXT)
        yield found


@pytest.fixture(scope="module")
def prometheus(
    exporters: dict[str, ScriptedReceiver], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningPrometheus]:
    """A Prometheus that has scraped both."""
    targets = {host: receiver.url.removeprefix("http://") for host, receiver in exporters.items()}
    with running_prometheus(tmp_path_factory.mktemp("prometheus"), targets) as running:
        running.wait_for("count(smartctl_device)", 6)
        yield running


def collect(
    prometheus: RunningPrometheus, *arguments: str, python: str = sys.executable
) -> subprocess.CompletedProcess[str]:
    command = [python, "-m", "collector", "--prometheus", prometheus.url, *arguments]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("python", [sys.executable, oldest_python()[0]], ids=["own", oldest_python()[1]])
def test_the_csv_is_that_of_smartctl(prometheus: RunningPrometheus, python: str) -> None:
    done = collect(prometheus, python=python)
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(done.stdout.splitlines()))
    by_serial = {row["serial_number"]: row for row in rows}
    assert len(by_serial) == len(rows) == 6
    for name in [name for names in HOSTS.values() for name in names]:
        expected = row_of(output_of(recording(name)), rows[0]["date"])
        found = {column: cell for column, cell in by_serial[expected["serial_number"]].items() if cell}
        assert found == expected, name


def test_a_file_for_each_host(prometheus: RunningPrometheus, tmp_path: Path) -> None:
    with scripted_receiver() as storage:
        storage.then = Scripted(201)
        done = collect(prometheus, "--upload", f"{storage.url}/telemetry?sig=x", "--state", str(tmp_path))
        assert done.returncode == 0, done.stderr
        paths = sorted(request.path.rpartition("/")[0] for request in storage.received)
        assert paths == ["/telemetry/host1", "/telemetry/host2"]
        assert [request.body.count(b"\n") for request in storage.received] == [4, 4]


def test_labels_choose(prometheus: RunningPrometheus) -> None:
    done = collect(prometheus, "--prometheus-match", 'instance="host2:9633"')
    assert len(done.stdout.splitlines()) == 4
    assert collect(prometheus, "--prometheus-match", 'job="other"').returncode == 4


def test_what_is_no_query(prometheus: RunningPrometheus) -> None:
    done = collect(prometheus, "--prometheus-match", "instance=")
    assert done.returncode == 4
    assert "status 400" in done.stderr
    assert "--prometheus-match" in done.stderr


def test_a_host_that_is_no_longer_scraped(
    prometheus: RunningPrometheus, exporters: dict[str, ScriptedReceiver]
) -> None:
    """Its drives are not silently missing: each has its line."""
    before, exporters["host2:9633"].then = exporters["host2:9633"].then, Scripted(500)
    try:
        prometheus.wait_for('up{instance="host2:9633"}', 0)
        prometheus.wait_for("count(smartctl_device)", 3)
        done = collect(prometheus)
        assert done.returncode == 3
        assert done.stderr.count("(not_scraped)") == 3
        assert len(done.stdout.splitlines()) == 4
    finally:
        exporters["host2:9633"].then = before
        prometheus.wait_for("count(smartctl_device)", 6)


@pytest.mark.slow
def test_a_raw_value_that_prometheus_rounds(tmp_path: Path) -> None:
    document = output_of(recording("hdd-wd-red")).document
    document["ata_smart_attributes"]["table"][0]["raw"]["value"] = 2**53 + 1
    text = exporter_text([json.loads(json.dumps(document))]).encode()
    with scripted_receiver() as exporter:
        exporter.then = Scripted(200, text, TEXT)
        with running_prometheus(tmp_path / "p", {"h": exporter.url.removeprefix("http://")}) as running:
            running.wait_for("count(smartctl_device)", 1)
            done = collect(running)
    assert done.returncode == 0
    assert "1 raw value of 2^53" in done.stderr
    assert next(csv.DictReader(done.stdout.splitlines()))["smart_1_raw"] == ""


def test_nobody_answers() -> None:
    command = [sys.executable, "-m", "collector", "--prometheus", "http://127.0.0.1:9", "--attempts", "1"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert "(no_answer)" in done.stderr
