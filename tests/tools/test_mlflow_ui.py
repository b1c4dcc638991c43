"""MLflow's interface on a store of runs, with MLflow itself where its environment has been made."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.support.running_app import PROJECT, free_ports
from tests.support.waiting import wait_until
from tools import mlflow_ui
from training.tracking.store import TRACKING_URI, tracking

SLOW = 60.0
"""Seconds: MLflow imports much at its first answers."""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory, with a space in its path, in which training has tracked something."""
    folder = tmp_path / "a folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv(TRACKING_URI, raising=False)
    with tracking():
        pass
    return folder


@pytest.mark.slow
def test_the_interface_shows_the_runs_of_training(store: Path) -> None:
    if not mlflow_ui.PROGRAM.exists():
        pytest.skip("no .venv-mlflow: `make test` and `make mlflow-ui` make it")
    (port,) = free_ports(1)
    with (store / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tools.mlflow_ui", "--port", str(port)],
            cwd=store,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(PROJECT)},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}"

        def shown() -> bool:
            assert process.poll() is None, (store / "log").read_text()
            try:
                return httpx.get(url, timeout=SLOW).status_code == 200
            except httpx.TransportError:
                return False

        wait_until(shown, 240, "the interface")
        assert "<title>MLflow</title>" in httpx.get(url, timeout=SLOW).text
        query = {"experiment_name": "drivecast"}
        found = httpx.get(f"{url}/api/2.0/mlflow/experiments/get-by-name", params=query, timeout=SLOW).json()
        assert found["experiment"]["name"] == "drivecast"
    finally:
        # MLflow's own process outlives its server for a while.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_without_a_run_there_is_nothing_to_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(TRACKING_URI, raising=False)
    assert mlflow_ui.main([]) == 1
    assert "mlflow.db" in capsys.readouterr().err


def test_a_busy_port_names_the_option(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(mlflow_ui, "PROGRAM", store / "mlflow.db")
    with socket.create_server(("127.0.0.1", 0)) as other:
        assert mlflow_ui.main(["--port", str(other.getsockname()[1])]) == 1
    assert "--port" in capsys.readouterr().err


def test_a_server_has_its_own_interface(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(TRACKING_URI, "https://me:secret@mlflow.example.com")
    assert mlflow_ui.main([]) == 0
    shown = capsys.readouterr().out
    assert "https://mlflow.example.com" in shown
    assert "secret" not in shown
