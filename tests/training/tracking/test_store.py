from __future__ import annotations

import os
import sys
from pathlib import Path

import mlflow
import pytest

from training.tracking.store import is_installed, tracking, where, without_password


def test_without_an_address_the_store_is_a_file_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    assert where() == "mlflow.db"
    before = dict(os.environ)
    with tracking() as experiment:
        pass
    with tracking() as again:
        assert again == experiment
    assert (tmp_path / "mlflow.db").is_file()
    assert dict(os.environ) == before


def test_the_address_and_the_experiment_come_from_the_environment(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "night shift")
    with tracking() as experiment:
        assert mlflow.get_experiment(experiment).name == "night shift"
        assert mlflow.get_tracking_uri() == where() == f"sqlite:///{store}"
    assert not (tmp_path / "mlflow.db").exists()


@pytest.mark.usefixtures("store")
def test_nothing_is_reported_to_its_makers_unless_the_environment_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("MLFLOW_DISABLE_TELEMETRY", raising=False)
    with tracking():
        assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "false")
    with tracking():
        assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "false"


def test_absence_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_installed()
    monkeypatch.setitem(sys.modules, "mlflow", None)
    assert not is_installed()


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://anna:secret@example.org:5000", "https://example.org:5000"),
        ("no route to http://token@example.org/api", "no route to http://example.org/api"),
        ("sqlite:///mlflow.db", "sqlite:///mlflow.db"),
    ],
)
def test_passwords_in_addresses_are_not_shown(address: str, shown: str) -> None:
    assert without_password(address) == shown
