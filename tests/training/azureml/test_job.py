"""The files of training/azureml: what Azure's own library makes of them, and that they fit the code."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "training" / "azureml"
LOADER = Path(__file__).with_name("loaded_by_azure.py")


def read(name: str) -> dict[str, Any]:
    """Return one of the files."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text())
    return found


def pins(path: Path) -> dict[str, str]:
    """Return the versions that a requirements file pins."""
    return dict(re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", path.read_text(), re.MULTILINE))


SLIPS = {
    "type": ("job.yml", "type: command\n", "type: comand\n"),
    "mode": ("job.yml", "mode: ro_mount", "mode: read_only"),
    "nodes": ("job.yml", "instance_count: 1", "instance_count: one"),
    "key": ("job.yml", "limits:", "limit:"),
    "environment": ("environment.yml", "build:", "builds:"),
    "compute": ("compute.yml", "min_instances: 0", "min_instances: none"),
}
"""What is broken in a copy: file, what stands there, what is written instead."""


@pytest.fixture(scope="session")
def understood(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Azure's library makes of the files and the slips; it is in an environment of its own."""
    folder = tmp_path_factory.mktemp("azureml")
    uv, python = str(Path(sys.executable).with_name("uv")), str(folder / "venv" / "bin" / "python")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(folder / "venv")], check=True)
    install = [uv, "pip", "install", "--quiet", "--python", python, "--requirement"]
    done = subprocess.run(
        [*install, str(ROOT / "requirements-azureml.txt")], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"azure-ai-ml cannot be installed here: {done.stderr.strip()[-300:]}")
    folders = [FOLDER]
    for slip, (name, right, wrong) in SLIPS.items():
        folders.append(Path(shutil.copytree(FOLDER, folder / "slips" / slip)))
        text = (folders[-1] / name).read_text()
        assert right in text
        (folders[-1] / name).write_text(text.replace(right, wrong))
    command = [python, str(LOADER), str(ROOT), *map(str, folders)]
    loaded = subprocess.run(command, capture_output=True, text=True, check=False)
    assert loaded.returncode == 0, loaded.stderr[-2000:]
    found: dict[str, Any] = json.loads(loaded.stdout)
    return found


@pytest.mark.slow
def test_azure_understands_what_is_meant(understood: dict[str, Any]) -> None:
    found = understood["azureml"]
    assert (found["passed"], found["errors"]) == (True, {})
    assert found["command"].startswith("python -m training train --data ${{inputs.telemetry}} ")
    assert (FOLDER / found["code"]).resolve() == ROOT
    assert found["job_compute"] == found["compute"]
    assert found["job_environment"] == f"{found['environment']}@latest"
    assert found["nodes"] == 1
    assert (found["least_nodes"], found["most_nodes"]) == (0, 4)
    assert set(re.findall(r"\{\{inputs\.(\w+)\}\}", found["command"])) == set(found["inputs"])
    assert set(re.findall(r"\{\{outputs\.(\w+)\}\}", found["command"])) == set(found["outputs"])
    assert (FOLDER / found["build"][0] / found["build"][1]).is_file()


@pytest.mark.slow
@pytest.mark.parametrize("slip", SLIPS)
def test_azure_finds_a_slip(slip: str, understood: dict[str, Any]) -> None:
    assert not understood[slip]["passed"], understood[slip]


@pytest.mark.slow
def test_the_job_takes_along_what_training_imports_and_little_else(understood: dict[str, Any]) -> None:
    assert understood["uploaded"] == [
        "functions/scoring/model/features.py",
        "training/commands/train.py",
        "pyproject.toml",
    ]


def test_the_command_is_one_that_training_has() -> None:
    command = " ".join(read("job.yml")["command"].split())
    module, name = re.fullmatch(r"python -m (\w+) (\w+) .*", command).groups()  # type: ignore[union-attr]
    done = subprocess.run(
        [sys.executable, "-m", module, name, "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    known = set(re.findall(r"--[a-z-]+", done.stdout))
    assert set(re.findall(r"--[a-z-]+", command)) <= known


def test_versions_have_names_that_training_takes() -> None:
    from training.commands.train import version_name

    inputs = read("job.yml")["inputs"]
    names = [inputs["version"], inputs["baseline_version"]]
    assert [version_name(name) for name in names] == names
    assert len(set(names)) == 2


def test_a_model_is_made_with_the_versions_of_development() -> None:
    asked = pins(FOLDER / "image" / "requirements.in")
    resolved = pins(FOLDER / "image" / "requirements.txt")
    assert asked.items() <= resolved.items()
    development = pins(ROOT / "requirements-dev.txt")
    apart = {"azureml-mlflow", "mlflow-skinny"}
    assert {
        name: version for name, version in asked.items() if name not in apart
    }.items() <= development.items()


def test_the_image_installs_the_pins_beside_it() -> None:
    text = (FOLDER / "image" / "Dockerfile").read_text()
    assert "FROM python:3.13-" in text
    assert "COPY requirements.txt" in text
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [str(hadolint), str(FOLDER / "image" / "Dockerfile")], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, b"")
