"""Load Azure ML files with Azure's own library and say what it understood; run by an environment of its own.

``python loaded_by_azure.py PROJECT FOLDER [FOLDER ...]``: a JSON object on standard output, with an entry for
every folder (what was understood, or the error) and the files of PROJECT that go along with the job.
"""

from __future__ import annotations

import importlib
import json
import logging
import sys
import warnings
from pathlib import Path
from typing import Any

TRIED = (
    "functions/scoring/model/features.py",
    "training/commands/train.py",
    "pyproject.toml",
    ".env",
    ".venv/bin/python",
    "local.settings.json",
    "models/v2/model.onnx",
    "tests/test_golden.py",
    "training/azureml/image/Dockerfile",
    "training/__pycache__/train.cpython-313.pyc",
)
"""Paths of the project that are asked about."""


def understood(folder: Path) -> dict[str, Any]:
    """Load and validate the files of a folder."""
    ml = importlib.import_module("azure.ai.ml")
    job = ml.load_job(folder / "job.yml")
    # What `az ml job validate` calls; there is no public name for it.
    validation = job._validate()
    environment = ml.load_environment(folder / "environment.yml")
    compute = ml.load_compute(folder / "compute.yml")
    return {
        "passed": validation.passed,
        "errors": validation.error_messages,
        "command": job.command,
        "code": job.code,
        "job_compute": job.compute,
        "job_environment": str(job.environment),
        "nodes": job.resources.instance_count,
        "inputs": sorted(job.inputs),
        "outputs": sorted(job.outputs),
        "environment": environment.name,
        "build": [str(environment.build.path), environment.build.dockerfile_path],
        "compute": compute.name,
        "least_nodes": compute.min_instances,
        "most_nodes": compute.max_instances,
    }


def uploaded(project: Path) -> list[str]:
    """Return which of `TRIED` Azure's library would upload."""
    ignore = importlib.import_module("azure.ai.ml._utils._asset_utils").get_ignore_file(project)
    return [path for path in TRIED if not ignore.is_file_excluded(project / path)]


def main(project: Path, folders: list[Path]) -> None:
    """Print all of it."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    found: dict[str, Any] = {"uploaded": uploaded(project)}
    for folder in folders:
        try:
            found[folder.name] = understood(folder)
        except Exception as error:  # noqa: BLE001 - whatever the library finds fault with
            found[folder.name] = {"passed": False, "errors": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(each) for each in sys.argv[2:]])
