from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import mlflow
import polars as pl
import pytest

from functions.scoring.model.manifest import read_manifest, read_registry
from functions.scoring.model.onnx_model import Model
from tests.training.made_fleet import telemetry
from training.__main__ import main
from training.challenge.next_version import next_version
from training.commands import retrain
from training.run import Trained

FAST = ("--quiet", "--no-search", "--seeds", "1")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def again(data: Path, models: Path, *options: str) -> int:
    output = models.parent / "out"
    locations = ["--models", str(models), "--output", str(output)]
    return main(["retrain", "--data", str(data), *locations, *FAST, *options])


def decision(models: Path, version: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((models.parent / "out" / f"{version}.decision.json").read_bytes())
    return found


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fleet") / "fleet.parquet"
    telemetry(200, 145).write_parquet(path)
    return path


@pytest.fixture(scope="module")
def ignorant(empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A champion made of a fleet of the year before whose failures show in no counter; tracked beside it."""
    folder = tmp_path_factory.mktemp("ignorant")
    frame = telemetry(200, 145, seed=5)
    counters = [pl.lit(0, pl.Int64).alias(name) for name in frame.columns if name.startswith("smart_")]
    early = frame.with_columns(pl.col("date") - dt.timedelta(days=400), *counters)
    early.write_parquet(folder / "early.parquet")
    models = folder / "models"
    train = ["train", "--data", str(folder / "early.parquet"), "--models", str(models), "--version", "v2"]
    shutil.copy(empty_store, folder / "mlflow.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder}/mlflow.db")
        assert main([*train, *FAST]) == 0
    return models


@pytest.mark.slow
def test_the_first_training_is_tracked_too(ignorant: Path) -> None:
    mlflow.set_tracking_uri(f"sqlite:///{ignorant.parent}/mlflow.db")
    (run,) = mlflow.search_runs(experiment_names=["drivecast"], output_format="list")
    recorded = read_manifest(ignorant / "v2").metrics
    assert run.info.run_name == "v2"
    assert run.data.metrics["average_precision"] == recorded["average_precision"]
    assert run.data.params["given/search"] == "False"


@pytest.mark.slow
def test_a_better_version_becomes_challenger_and_a_lesser_one_leaves_the_registry_alone(
    fleet: Path,
    ignorant: Path,
    store: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    models = tmp_path / "models"
    shutil.copytree(ignorant, models)
    assert again(fleet, models, "--exit-code") == 0
    printed = " ".join(capsys.readouterr().out.split())
    registry = read_registry(models)
    assert registry.versions == ["v1", "v2", "v3"]
    assert registry.aliases == {"champion": "v2", "challenger": "v3"}
    found = decision(models, "v3")
    assert found["registered"] is True
    assert found["champion_scored"] == "as served"
    assert found["figures"]["average_precision"]["low"] > 0
    assert found["sentence"] in printed
    model = Model.load(models, "challenger")
    assert json.loads((models / "v3" / "decision.json").read_bytes()) == found
    assert "decision.json" in model.manifest.files
    mlflow.set_tracking_uri(f"sqlite:///{store}")
    (run,) = mlflow.search_runs(experiment_names=["drivecast"], output_format="list")
    assert (run.info.run_name, run.data.tags["decision"]) == ("v3", "challenger")

    # The challenger leads now, and knows the days on which another fleet finds nothing better.
    assert main(["promote", "v3", "--models", str(models)]) == 0
    before = contents(models)
    other = tmp_path / "other.parquet"
    telemetry(200, 145, seed=1).write_parquet(other)
    assert again(other, models, "--exit-code", "--no-tracking") == retrain.EXIT_KEPT
    assert contents(models) == before
    found = decision(models, "v4")
    assert (found["registered"], found["champion"]) == (False, "v3")
    assert found["champion_scored"] == "recipe refitted"
    assert (tmp_path / "out" / "v4" / "evaluation.html").is_file()
    assert len(mlflow.search_runs(experiment_names=["drivecast"], output_format="list")) == 1


def test_killed_before_it_is_registered_the_registry_is_as_it_was(
    small_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models, output = tmp_path / "models", tmp_path / "out"
    for folder in (models, output):
        shutil.copytree(small_models, folder)
    version = read_registry(models).versions[-1]
    shutil.rmtree(models / version)
    (models / "registry.json").write_text('{"versions": ["v0"], "aliases": {"champion": "v0"}}')
    before = (models / "registry.json").read_bytes()
    trained = SimpleNamespace(
        version=version, folder=output / version, manifest=read_manifest(output / version)
    )

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(retrain, "register", killed)
        with pytest.raises(KeyboardInterrupt):
            retrain._register(models, cast(Trained, trained), b"{}")
    assert (models / "registry.json").read_bytes() == before
    assert next_version(models) == f"v{int(version[1:]) + 1}"
    shutil.rmtree(models / version)
    retrain._register(models, cast(Trained, trained), b"{}")
    assert read_registry(models).aliases == {"champion": "v0", "challenger": version}
    placed = read_manifest(models / version)
    assert placed.files.keys() == trained.manifest.files.keys() | {"decision.json"}


def error(capsys: pytest.CaptureFixture[str]) -> str:
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_without_a_champion_there_is_nothing_to_compare_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    assert again(tmp_path / "absent.parquet", models) == 1
    assert "registry.json" in error(capsys)
    (models / "registry.json").write_text('{"versions": [], "aliases": {}}')
    assert again(tmp_path / "absent.parquet", models) == 1
    assert "champion" in error(capsys)


def test_wrong_places_are_refused_before_anything_is_read(
    small_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = tmp_path / "models"
    shutil.copytree(small_models, models)
    data = tmp_path / "absent.parquet"
    assert again(data, models, "--output", str(models)) == 1
    assert str(models) in error(capsys)
    (tmp_path / "file").touch()
    assert again(data, models, "--output", str(tmp_path / "file")) == 1
    assert str(tmp_path / "file") in error(capsys)
    assert again(data, models, "--version", "v1") == 1
    assert "v1 " in error(capsys)
    assert again(data, models) == 1
    assert "absent.parquet" in error(capsys)
    assert again(data, models, "--version", "../v9") == 2
