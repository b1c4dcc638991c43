"""The files that the Functions host and Core Tools read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pathspec
import pytest

from functions.settings import SETTINGS

ROOT = Path(__file__).parents[1]

KEPT = [
    "function_app.py",
    "functions/blueprints/predict.py",
    "functions/scoring/model/onnx_model.py",
    "functions/docs/page.html",
    "functions/tools/page.html",
    "host.json",
    "models/registry.json",
    "models/v2/card.md",
    "models/v2/evaluation.json",
    "models/v2/explainer.npz",
    "models/v2/manifest.json",
    "models/v2/model.onnx",
    "requirements.txt",
]
LEFT_BEHIND = [
    ".ci/run",
    ".git/config",
    ".github/workflows/ci.yml",
    ".venv/bin/python",
    ".venv-mlflow/bin/mlflow",
    ".amlignore",
    ".dockerignore",
    "Dockerfile",
    "Makefile",
    "README.md",
    "benchmarks/cold_start.py",
    "charts/drivecast/Chart.yaml",
    "collector/run.py",
    "compose.yaml",
    "demo-output/day.csv",
    "devhost/runtime.py",
    "dist/drivecast-collect.pyz",
    "docs/architecture.md",
    "functions/__pycache__/online.cpython-313.pyc",
    "infra/main.bicep",
    "local.settings.json",
    "local.settings.example.json",
    "mlflow.db",
    "mlruns/1/run/artifacts/card.md",
    "models/v2/figures/roc.png",
    "models/v2/pipeline.joblib",
    "node_modules/azurite/package.json",
    "ops/demo/command.py",
    "package-lock.json",
    "pyproject.toml",
    "requirements-azureml.txt",
    "requirements-dev.txt",
    "requirements-mlflow.txt",
    "requirements-tracking.txt",
    "tests/test_packaging.py",
    "tools/find_python.sh",
    "training/commands/train.py",
]


def funcignore() -> list[str]:
    """Return the patterns of .funcignore."""
    lines = (ROOT / ".funcignore").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def core_tools_denies(path: str) -> bool:
    """Return whether Core Tools leaves a file behind: a pattern is a prefix, `*` stops at a slash."""
    for pattern in funcignore():
        text = re.escape(pattern.removeprefix("/")).replace(r"\*\*", "(.+)").replace(r"\*", r"([^/]+)")
        if re.match(text, path):
            return True
    return False


@pytest.mark.parametrize("path", KEPT)
def test_funcignore_keeps_what_the_app_needs(path: str) -> None:
    assert not pathspec.GitIgnoreSpec.from_lines(funcignore()).match_file(path)
    assert not core_tools_denies(path)


@pytest.mark.parametrize("path", LEFT_BEHIND)
def test_funcignore_leaves_the_rest_behind(path: str) -> None:
    assert pathspec.GitIgnoreSpec.from_lines(funcignore()).match_file(path)
    assert core_tools_denies(path)


def document(name: str) -> Any:
    """Return a JSON file of the project's root."""
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


def test_host_json_is_right_for_flex_consumption() -> None:
    host = document("host.json")
    assert host["version"] == "2.0"
    assert host["extensionBundle"]["version"] == "[4.*, 5.0.0)"
    assert host["functionTimeout"] == "00:30:00"
    assert host["extensions"]["http"]["routePrefix"] == "api"
    # One file in memory at a time per instance; more of them is what more instances are for.
    assert host["extensions"]["blobs"] == {"maxDegreeOfParallelism": 1, "poisonBlobThreshold": 5}
    queues = host["extensions"]["queues"]
    assert (queues["batchSize"], queues["newBatchThreshold"], queues["maxDequeueCount"]) == (1, 0, 5)
    assert queues["messageEncoding"] == "base64"
    assert "Exception" in host["logging"]["applicationInsights"]["samplingSettings"]["excludedTypes"].split(
        ";"
    )


def test_local_settings_example_runs_under_core_tools() -> None:
    settings = document("local.settings.example.json")
    assert settings["IsEncrypted"] is False
    assert settings["Values"]["FUNCTIONS_WORKER_RUNTIME"] == "python"
    assert settings["Values"]["AzureWebJobsStorage"] == "UseDevelopmentStorage=true"
    # Azurite has no Event Grid, which is what the deployed app is triggered by.
    assert settings["Values"]["BLOB_TRIGGER_SOURCE"] == "LogsAndContainerScan"
    assert all(isinstance(value, str) for value in settings["Values"].values())


def test_local_settings_example_shows_every_setting_with_its_default() -> None:
    values = document("local.settings.example.json")["Values"]
    # The one difference between Azure and this machine: Azurite has no Event Grid.
    local = {"BLOB_TRIGGER_SOURCE": "LogsAndContainerScan"}
    assert {setting.name: values.get(setting.name) for setting in SETTINGS} == {
        setting.name: setting.default for setting in SETTINGS
    } | local
