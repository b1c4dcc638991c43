"""What every workflow keeps to: pinned actions, least permissions, no secret, limits, scripts that hold."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Collection
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from ops.__main__ import COMMANDS as OPS
from tests.github.workflow_files import (
    ACTIONS,
    GITHUB,
    ROOT,
    SCRIPTS,
    WORKFLOWS,
    document,
    jobs,
    run_scripts,
    steps,
)
from training.__main__ import COMMANDS as TRAINING

PINNED = re.compile(r"uses: (?P<action>[\w./-]+)@(?P<sha>[0-9a-f]{40}) # (?P<tag>v\d+\.\d+\.\d+)$")

PERMISSIONS = {
    "ci": {"lint": {}, "bicep": {}, "tests": {}, "benchmarks": {}},
    "codeql": {"analyze": {"contents": "read", "security-events": "write"}},
    "deploy": {
        "check": {"contents": "read"},
        "what-if": {"contents": "read", "id-token": "write"},
        "deploy": {"contents": "read", "deployments": "read", "id-token": "write"},
    },
    "images": {"pin": {"actions": "write", "contents": "write", "pull-requests": "write"}},
    "train": {
        "retrain": {"contents": "read"},
        "propose": {"actions": "write", "contents": "write", "pull-requests": "write"},
    },
}
"""Every permission there is beyond reading the code."""

SCHEMAS = [
    *((path, "vendor.github-workflows") for path in WORKFLOWS),
    *((path, "vendor.github-actions") for path in ACTIONS),
    (GITHUB / "dependabot.yml", "vendor.dependabot"),
]


def checked(path: Path, schema: str) -> subprocess.CompletedProcess[str]:
    """Hold a file against a published JSON schema, as check-jsonschema ships it."""
    return subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)],
        capture_output=True,
        text=True,
        check=False,
    )


def unpinned(text: str) -> list[str]:
    """Return the lines that use somebody's action by anything but a full commit."""
    lines = [line.strip().removeprefix("- ") for line in text.splitlines() if re.search(r"\buses:", line)]
    return [line for line in lines if not PINNED.fullmatch(line) and not line.startswith("uses: ./.github/")]


def shellcheck(script: str | Path, tmp_path: Path) -> str:
    """Return shellcheck's findings, of every severity."""
    if isinstance(script, Path):
        path = script
    else:
        path = tmp_path / "run.sh"
        path.write_text(f"#!/usr/bin/env bash\nset -eo pipefail\n{script}")
    command = [str(Path(sys.executable).with_name("shellcheck")), "--severity=style", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def test_the_workflows_are_all_there() -> None:
    assert {path.stem for path in WORKFLOWS} == set(PERMISSIONS)


@pytest.mark.parametrize(("path", "schema"), SCHEMAS, ids=lambda value: getattr(value, "name", value))
def test_published_schema(path: Path, schema: str) -> None:
    done = checked(path, schema)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_schema_finds_a_slip(tmp_path: Path) -> None:
    slip = tmp_path / "ci.yml"
    slip.write_text(
        (GITHUB / "workflows" / "ci.yml").read_text().replace("timeout-minutes", "timeout-minute")
    )
    done = checked(slip, "vendor.github-workflows")
    assert done.returncode == 1
    assert "timeout-minute" in done.stdout


@pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_actions_are_pinned_by_commit(path: Path) -> None:
    assert unpinned(path.read_text()) == []


@pytest.mark.parametrize(
    "line",
    [
        "- uses: actions/checkout@v7",
        "- uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1",
        "- uses: actions/checkout@3d3c42e # v7.0.1",
        "uses: actions/checkout@main",
        "uses: docker://alpine:3",
    ],
)
def test_an_action_that_is_not(line: str) -> None:
    assert unpinned(f"    steps:\n      {line}\n") == [line.removeprefix("- ")]


def test_an_action_has_one_version() -> None:
    found: dict[str, set[tuple[str, str]]] = {}
    for path in [*WORKFLOWS, *ACTIONS]:
        for line in path.read_text().splitlines():
            if match := PINNED.search(line):
                # init and analyze of codeql-action are one repository.
                repository = "/".join(match["action"].split("/")[:2])
                found.setdefault(repository, set()).add((match["sha"], match["tag"]))
    assert found
    assert {name: pins for name, pins in found.items() if len(pins) > 1} == {}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_permissions_are_the_least(path: Path) -> None:
    assert document(path)["permissions"] == {"contents": "read"}
    assert {name: job.get("permissions", {}) for name, job in jobs(path).items()} == PERMISSIONS[path.stem]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_job_ends_and_never_meets_itself(path: Path) -> None:
    groups = [document(path).get("concurrency")]
    for name, job in jobs(path).items():
        if "uses" in job:
            continue  # a called workflow's jobs have their own
        assert 0 < job["timeout-minutes"] < 360, name
        assert groups[0] or job.get("concurrency") or "needs" in job, name


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_job_leaves_a_token_behind(path: Path) -> None:
    for name, step in steps(path):
        if str(step.get("uses", "")).startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False, name


@pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_there_is_no_secret_and_nothing_foreign_in_a_script(path: Path) -> None:
    assert "secrets." not in path.read_text()
    for name, step in steps(path):
        # What stands in a script runs; an issue's title would, too. Values come by variables.
        assert "${{" not in str(step.get("run", "")), name
    triggers = document(path).get(True, {})
    assert "pull_request_target" not in triggers
    assert "workflow_run" not in triggers


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_azure_is_entered_without_a_password(path: Path) -> None:
    for job in jobs(path).values():
        logins = [step for step in job.get("steps", []) if "azure/login@" in str(step.get("uses"))]
        assert bool(logins) == ("id-token" in job.get("permissions", {}))
        for step in logins:
            assert step["with"] == {
                "client-id": "${{ vars.AZURE_CLIENT_ID }}",
                "tenant-id": "${{ vars.AZURE_TENANT_ID }}",
                "subscription-id": "${{ vars.AZURE_SUBSCRIPTION_ID }}",
            }
            assert job["environment"] in ("preview", "production")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_scripts_stop_at_the_first_failure(path: Path) -> None:
    if any("run" in step for _, step in steps(path)):
        assert document(path)["defaults"] == {"run": {"shell": "bash"}}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_jobs_and_steps_that_are_named_exist(path: Path) -> None:
    text, found = path.read_text(), jobs(path)
    known = {str(step["id"]) for _, step in steps(path) if "id" in step}
    assert set(re.findall(r"\bsteps\.(\w+)\.", text)) <= known
    for name, job in found.items():
        needs = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
        assert set(needs) <= set(found), name
        assert set(re.findall(r"\bneeds\.([\w-]+)\.", str(job))) <= set(needs), name
    outputs = {key for job in found.values() for key in job.get("outputs", {})}
    assert set(re.findall(r"\bneeds\.[\w-]+\.outputs\.(\w+)", text)) <= outputs


@pytest.mark.parametrize("script", [pytest.param(text, id=name) for name, text in run_scripts()])
def test_shellcheck_of_every_run(script: str, tmp_path: Path) -> None:
    assert shellcheck(script, tmp_path) == ""


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_shellcheck_of_every_script(path: Path, tmp_path: Path) -> None:
    assert shellcheck(path, tmp_path) == ""


def test_shellcheck_finds_a_slip(tmp_path: Path) -> None:
    assert "SC2086" in shellcheck("rm $1\n", tmp_path)


@cache
def help_of(*command: str) -> str:
    """Return how a command explains itself; AssertionError if there is none."""
    done = subprocess.run(
        [sys.executable, "-m", *command, "--help"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout


def test_what_runs_exists() -> None:
    text = "\n".join([script for _, script in run_scripts()] + [path.read_text() for path in SCRIPTS])
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)", text)) <= targets
    for path in re.findall(r"\bbash (\.github/scripts/\w+\.sh)", text):
        assert (ROOT / path).is_file(), path
    modules = set(re.findall(r"-m ((?:ops|training|benchmarks)\S*(?: [a-z]+)?)", text))
    assert {module.split()[0] for module in modules} >= {"ops", "training", "benchmarks.cold_start"}
    commands: dict[str, Collection[str]] = {"ops": OPS, "training": TRAINING}
    for module, *command in map(str.split, modules):
        assert command[0] in commands[module] if command else find_spec(module), module


def options_of(*command: str) -> set[str]:
    """Return the long options a command knows."""
    return set(re.findall(r"--[a-z-]+", help_of(*command)))


@pytest.mark.parametrize("command", [("ops", "deploy"), ("ops", "restore"), ("training", "retrain")])
def test_options_that_are_given_exist(command: tuple[str, str]) -> None:
    text = "\n".join([script for _, script in run_scripts()] + [path.read_text() for path in SCRIPTS])
    text = text.replace("\\\n", " ")
    calls = re.findall(rf"-m {' '.join(command)} (.*)", text)
    assert calls
    given = {option for call in calls for option in re.findall(r"--[a-z-]+", call.split(" | ")[0])}
    assert given <= options_of(*command)


def test_ci_runs_what_make_test_runs() -> None:
    scripts = "\n".join(str(step.get("run", "")) for _, step in steps(GITHUB / "workflows" / "ci.yml"))
    for target in ("make lint", "make types", "make infra-check", "make coverage"):
        assert target in scripts
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(r"^test: lint types infra-check unit ", makefile, re.MULTILINE)
