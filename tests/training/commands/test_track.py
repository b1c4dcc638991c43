from __future__ import annotations

import re
from pathlib import Path

import mlflow
import pytest

from functions.scoring.model.manifest import read_registry
from training.__main__ import main

pytestmark = pytest.mark.slow

MODELS = Path(__file__).parents[3] / "models"


def test_versions_are_recorded_afterwards(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["track", "v1", "champion", "--models", str(MODELS)]) == 0
    assert re.search(r"\bv1 .*\bsqlite:", capsys.readouterr().out)
    mlflow.set_tracking_uri(f"sqlite:///{store}")
    runs = mlflow.search_runs(experiment_names=["drivecast"], output_format="list")
    champion = read_registry(MODELS).resolve("champion")
    assert sorted(run.info.run_name for run in runs) == sorted(["v1", champion])


def test_a_store_that_cannot_be_reached_exits_1_with_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    address = f"sqlite:///{tmp_path}/file/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    assert main(["track", "v2", "--models", str(MODELS)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert re.match(rf"error: .*{re.escape(address)}: ", line)


def test_a_version_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["track", "v99", "--models", str(MODELS)]) == 1
    assert "'v99'" in capsys.readouterr().err
