from __future__ import annotations

import json
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.entities import Run

from functions.scoring.model.manifest import read_manifest
from training.errors import TrackingError
from training.tracking.run import ARTIFACTS, commit, signature, track, track_or_say

pytestmark = pytest.mark.slow

MODELS = Path(__file__).parents[3] / "models"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def models(empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tracked") / "models"
    shutil.copytree(MODELS, folder)
    shutil.copy(empty_store, folder.parent / "mlflow.db")
    return folder


@pytest.fixture(scope="module")
def run(models: Path) -> Iterator[Run]:
    """v2, tracked in the default store of a working directory of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(models.parent)
        patch.delenv("MLFLOW_TRACKING_URI")
        before = contents(models)
        run_id = track(models / "v2", {"decision": "challenger"})
        assert contents(models) == before
        mlflow.set_tracking_uri(f"sqlite:///{models.parent}/mlflow.db")
        yield mlflow.get_run(run_id)


def test_a_run_has_the_versions_name_parameters_metrics_and_tags(run: Run) -> None:
    assert run.info.run_name == "v2"
    assert run.info.status == "FINISHED"
    recorded = read_manifest(MODELS / "v2").metrics
    assert run.data.metrics["average_precision"] == recorded["average_precision"]
    assert run.data.metrics["candidates/any_above_zero/drives/prevalence"] == recorded["prevalence"]
    assert run.data.params["candidate"] == "blend"
    assert run.data.tags["horizon_days"] == "30"
    assert run.data.tags["decision"] == "challenger"


def test_the_data_is_an_input_with_its_digest(run: Run) -> None:
    lineage = read_manifest(MODELS / "v2").lineage
    assert run.inputs is not None
    (used,) = run.inputs.dataset_inputs
    assert lineage["digest"].startswith(used.dataset.digest)
    assert json.loads(used.dataset.source)["files"] == lineage["sources"]
    assert json.loads(str(used.dataset.profile))["drives"] == lineage["drives"]
    assert [(tag.key, tag.value) for tag in used.tags] == [("mlflow.data.context", "training")]
    assert run.data.tags["data.sha256"] == lineage["digest"]


def test_figures_and_documents_are_artifacts_and_no_pickle_is(run: Run, models: Path) -> None:
    stored = {item.path for item in mlflow.MlflowClient().list_artifacts(run.info.run_id)}
    assert stored >= set(ARTIFACTS) - {"decision.json"}
    figures = {item.path for item in mlflow.MlflowClient().list_artifacts(run.info.run_id, "figures")}
    assert figures == {f"figures/{path.name}" for path in (MODELS / "v2" / "figures").iterdir()}
    kept = [path for path in (models.parent / "mlruns").rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if path.suffix in {".joblib", ".pkl"}]


def golden() -> tuple[pd.DataFrame, np.ndarray[Any, np.dtype[np.float64]]]:
    manifest = read_manifest(MODELS / "v2")
    names = [feature.name for feature in manifest.features]
    rows = pd.DataFrame([row.features for row in manifest.golden], columns=names, dtype="float64")
    return rows, np.array([row.probability for row in manifest.golden])


def test_the_model_loads_again_and_scores_the_golden_rows_as_recorded(run: Run) -> None:
    model = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
    rows, recorded = golden()
    np.testing.assert_allclose(model.predict(rows)["probability"], recorded, atol=1e-7, rtol=0)
    other_order = rows[rows.columns[::-1]].astype("float32")
    np.testing.assert_allclose(model.predict(other_order)["probability"], recorded, atol=1e-7, rtol=0)
    alone = model.predict(rows.head(1))
    assert float(alone["probability"].iloc[0]) == pytest.approx(recorded[0], abs=1e-7)
    log_odds = model.predict(rows)["log_odds"].to_numpy(dtype=np.float64)
    np.testing.assert_allclose(1 / (1 + np.exp(-log_odds)), recorded, atol=1e-6, rtol=0)


def test_the_signature_names_the_features_and_refuses_a_table_without_one(run: Run) -> None:
    model = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
    assert model.metadata.signature == signature(read_manifest(MODELS / "v2"))
    assert model.metadata.signature.outputs.input_names() == ["log_odds", "probability"]
    rows, _ = golden()
    with pytest.raises(mlflow.MlflowException, match=rf"\['{rows.columns[3]}'\]"):
        model.predict(rows.drop(columns=rows.columns[3]))


@pytest.fixture
def down(monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a server that does not answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://anna:secret@{address}")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    return address


def test_a_server_that_is_down_is_an_error_that_names_it(models: Path, down: str) -> None:
    with pytest.raises(TrackingError, match=down) as raised:
        track(models / "v2")
    assert "secret" not in raised.value.detail


@pytest.mark.usefixtures("down")
def test_after_training_it_is_one_line_and_no_error(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    track_or_say(models / "v2")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("warning: v2 ")
    assert "python -m training track v2" in line


def test_without_mlflow_it_is_one_line_that_says_how_to_get_it(
    models: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    track_or_say(models / "v2")
    (line,) = capsys.readouterr().err.splitlines()
    assert "requirements-tracking.txt" in line
    with pytest.raises(TrackingError, match=r"requirements-tracking\.txt"):
        track(models / "v2")


def test_outside_of_git_there_is_no_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert commit() == {}
