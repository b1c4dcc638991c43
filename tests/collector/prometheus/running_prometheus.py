"""A real Prometheus, Debian's package, for tests."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from tests.support.running_app import free_ports
from tests.support.waiting import wait_until

PROMETHEUS = shutil.which("prometheus")
ABSENT = "no prometheus on PATH; install Debian's package prometheus"


class RunningPrometheus:
    """One that scrapes targets by the second; ``url`` reaches it."""

    def __init__(self, folder: Path, targets: Mapping[str, str]) -> None:
        """Start it with its data in *folder*; *targets* are host and port by instance label."""
        assert PROMETHEUS is not None, ABSENT
        [port] = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        configs = [
            {"targets": [address], "labels": {"instance": instance}} for instance, address in targets.items()
        ]
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
            "scrape_configs": [{"job_name": "smartctl", "static_configs": configs}],
        }
        (folder / "prometheus.yml").write_text(json.dumps(config), encoding="utf-8")  # JSON is YAML
        command = [
            PROMETHEUS,
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ]
        self._log = (folder / "prometheus.log").open("wb")
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log
        )

    def value(self, query: str) -> float:
        """Return the value of a query of one number; -1 while there is none."""
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/query?{urlencode({'query': query})}") as answer:
                result = json.load(answer)["data"]["result"]
        except OSError:
            return -1
        return float(result[0]["value"][1]) if result else -1

    def wait_for(self, query: str, value: float) -> None:
        """Wait until a query has a value."""
        wait_until(lambda: self.value(query) == value, what=f"{query} = {value}")

    def stop(self) -> None:
        """Stop it."""
        self._process.terminate()
        self._process.wait(20)
        self._log.close()


@contextmanager
def running_prometheus(folder: Path, targets: Mapping[str, str]) -> Iterator[RunningPrometheus]:
    """Run one until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    running = RunningPrometheus(folder, targets)
    try:
        yield running
    finally:
        running.stop()
