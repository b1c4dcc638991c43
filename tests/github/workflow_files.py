"""The files under .github as the tests see them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
ACTIONS = sorted((GITHUB / "actions").glob("*/action.yml"))
SCRIPTS = sorted((GITHUB / "scripts").glob("*.sh"))


def document(path: Path) -> dict[Any, Any]:
    """Return a YAML file. The key ``on`` is read as True, as YAML 1.1 has it."""
    found: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    """Return a workflow's jobs."""
    found: dict[str, dict[str, Any]] = document(path)["jobs"]
    return found


def steps(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every step of a workflow or action with its job's name."""
    whole = document(path)
    if "runs" in whole:
        for step in whole["runs"]["steps"]:
            yield path.parent.name, step
        return
    for name, job in whole["jobs"].items():
        for step in job.get("steps", []):
            yield name, step


def run_scripts() -> list[tuple[str, str]]:
    """Return every ``run:`` with a name for it."""
    return [
        (f"{path.parent.name}/{path.stem} {job} {step.get('name', 'run')}", str(step["run"]))
        for path in [*WORKFLOWS, *ACTIONS]
        for job, step in steps(path)
        if "run" in step
    ]
