"""One run in the store for a version: everything a person compares runs by, and the model itself."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from rich.console import Console

from functions.scoring.model.manifest import MANIFEST_FILE, MODEL_FILE, Manifest, read_manifest
from functions.scoring.model.onnx_model import LOG_ODDS, PROBABILITY
from training.errors import TrackingError
from training.reporting.evaluation_file import EVALUATION_FILE
from training.tracking import record
from training.tracking.store import is_installed, tracking, where, without_password

if TYPE_CHECKING:
    from mlflow.entities import Dataset
    from mlflow.models import ModelSignature

ARTIFACTS = (MANIFEST_FILE, EVALUATION_FILE, "evaluation.html", "card.md", "decision.json", "figures")
"""Files of a version's folder that a run keeps beside the model; the pickle is not among them."""

HOW_TO_INSTALL = "`pip install -r requirements-tracking.txt` installs MLflow"

_DIGEST_LENGTH = 36
"""The longest digest MLflow takes; the whole one is a tag."""


def track_or_say(folder: Path, tags: Mapping[str, str] | None = None) -> None:
    """Track a version that was just written; when that fails say so in a line, for the version is there."""
    again = f"`python -m training track {folder.name} --models {folder.parent}` records it later"
    if not is_installed():
        line = f"{folder.name} is not tracked: {HOW_TO_INSTALL}, {again}"
    else:
        try:
            track(folder, tags)
            line = f"{folder.name} is tracked in {where()}"
        except TrackingError as error:
            line = f"warning: {folder.name} is written, but {error.detail}; {again}"
    Console(stderr=True, highlight=False).print(line, soft_wrap=True, markup=False)


def track(folder: Path, tags: Mapping[str, str] | None = None) -> str:
    """Record a version as one MLflow run.

    Parameters
    ----------
    folder : Path
        A version as `training.versions.folder_registry.write_version` writes it. It is only read.

    Returns
    -------
    str
        The run's id.

    Raises
    ------
    TrackingError
        MLflow is not installed, or the store cannot be reached or written.
    functions.errors.ModelError
        The version's manifest cannot be read.
    """
    if not is_installed():
        raise TrackingError(f"MLflow is not installed; {HOW_TO_INSTALL}")
    manifest = read_manifest(folder)
    evaluation = msgspec.json.decode((folder / EVALUATION_FILE).read_bytes())
    try:
        with tracking() as experiment:
            return _log(folder, manifest, evaluation, experiment, tags or {})
    except Exception as error:  # MLflow, SQLAlchemy and requests each raise classes of their own
        reason = without_password(next(iter(str(error).splitlines()), "")) or type(error).__name__
        raise TrackingError(f"it could not be tracked in {where()}: {reason}") from error


def _log(
    folder: Path, manifest: Manifest, evaluation: dict[str, Any], experiment: str, tags: Mapping[str, str]
) -> str:
    import mlflow
    from mlflow.entities import DatasetInput, InputTag

    client = mlflow.MlflowClient()
    own = {**record.tags(manifest, evaluation), **commit(), **tags}
    with mlflow.start_run(experiment_id=experiment, run_name=manifest.version, tags=own) as run:
        mlflow.log_params(record.parameters(manifest, evaluation))
        purpose = InputTag("mlflow.data.context", "training")
        client.log_inputs(run.info.run_id, [DatasetInput(_dataset(manifest), [purpose])])
        for name in ARTIFACTS:
            path = folder / name
            if path.is_dir():
                mlflow.log_artifacts(str(path), name)
            elif path.exists():
                mlflow.log_artifact(str(path))
        model = mlflow.pyfunc.log_model(
            name="model",
            python_model=str(Path(__file__).with_name("served_model.py")),
            artifacts={"model": str(folder / MODEL_FILE), "manifest": str(folder / MANIFEST_FILE)},
            signature=signature(manifest),
            # Given, so that MLflow does not try the model out in a process of its own to find them.
            pip_requirements=_requirements(manifest),
        )
        # Last, so that a run with figures is a run with everything; and of the model, so that models compare.
        mlflow.log_metrics(record.metrics(manifest, evaluation), model_id=model.model_id)
        return str(run.info.run_id)


def signature(manifest: Manifest) -> ModelSignature:
    """Return the model's signature.

    In: one column for each of the manifest's features, by name, float64 (float32 is taken too, and is what
    the model computes with); transformed as the manifest says, NaN where missing. Out: ``log_odds`` and
    ``probability`` of a failure within the horizon, float32.
    """
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    inputs = Schema([ColSpec("double", feature.name) for feature in manifest.features])
    return ModelSignature(inputs, Schema([ColSpec("float", name) for name in (LOG_ODDS, PROBABILITY)]))


def _dataset(manifest: Manifest) -> Dataset:
    from mlflow.entities import Dataset

    lineage = manifest.lineage
    sources = lineage.get("sources", [])
    counted = {name: value for name, value in lineage.items() if name not in ("sources", "digest")}
    return Dataset(
        name=", ".join(source["name"] for source in sources)[:500] or "telemetry",
        digest=str(lineage.get("digest", ""))[:_DIGEST_LENGTH] or "unknown",
        source_type="local",
        source=json.dumps({"files": sources[:100]}),
        profile=json.dumps(counted, sort_keys=True),
    )


def _requirements(manifest: Manifest) -> list[str]:
    import mlflow
    import pandas as pd

    made_with = [f"{name}=={manifest.libraries[name]}" for name in ("numpy", "onnxruntime")]
    return [f"mlflow-skinny=={mlflow.__version__}", f"pandas=={pd.__version__}", *made_with]


def commit() -> dict[str, str]:
    """Return the commit of the code as tags, and whether it was changed since; nothing outside of git."""
    here = ["git", "-C", str(Path(__file__).parent)]
    try:
        head, changed = (
            subprocess.run(  # noqa: S603 (fixed words)
                [*here, *words], capture_output=True, text=True, check=True, timeout=30
            ).stdout.strip()
            for words in (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    return {"mlflow.source.git.commit": head, "git.changed": str(bool(changed)).lower()}
