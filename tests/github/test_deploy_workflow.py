"""deploy.yml: its order, when it signs in, what it hands to the parameter file, and which Bicep deploys."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ops.deploy.steps import STEPS
from tests.github.workflow_files import ACTIONS, GITHUB, ROOT, WORKFLOWS, document, jobs, steps

DEPLOY = GITHUB / "workflows" / "deploy.yml"
CI = GITHUB / "workflows" / "ci.yml"
BICEP = "./.github/actions/bicep"

LATE = ("Code", "Model", "Smoke test", "Restore what was before")
"""Steps that come minutes after the one before, or ask for a token of storage or of the app."""


def step_list(job: str) -> list[dict[str, Any]]:
    """Return the steps of a job of deploy.yml."""
    found: list[dict[str, Any]] = jobs(DEPLOY)[job]["steps"]
    return found


def signs_in(step: dict[str, Any]) -> bool:
    """Say whether a step signs in to Azure."""
    return str(step.get("uses", "")).startswith("azure/login@")


def unready(found: list[dict[str, Any]]) -> list[str]:
    """Return the late steps that do not have a sign-in right before them, under the same condition."""
    return [
        str(step["name"])
        for before, step in zip([{}, *found], found, strict=False)
        if step.get("name") in LATE and not (signs_in(before) and before.get("if") == step.get("if"))
    ]


def test_each_late_step_signs_in_first() -> None:
    found = step_list("deploy")
    assert set(LATE) <= {step.get("name") for step in found}
    assert unready(found) == []


@pytest.mark.parametrize("name", LATE)
def test_a_late_step_without_a_sign_in_is_found(name: str) -> None:
    found = step_list("deploy")
    at = next(index for index, step in enumerate(found) if step.get("name") == name)
    assert unready(found[: at - 1] + found[at:]) == [name]


def test_every_step_with_a_token_of_its_own_is_a_late_one() -> None:
    """Only these take a token beside Azure's own: model and smoke of storage and the app, restore of both."""
    steps = {step["name"]: str(step["run"]) for step in step_list("deploy") if "ops " in str(step.get("run"))}
    asking = {name for name, run in steps.items() if re.search(r"--step (model|smoke)\b|ops restore", run)}
    assert asking <= set(LATE)
    assert len(asking) == 3


def test_nothing_of_azure_comes_before_the_first_sign_in() -> None:
    for job in ("what-if", "deploy"):
        found = step_list(job)
        first = next(index for index, step in enumerate(found) if signs_in(step))
        assert all("ops " not in str(step.get("run")) for step in found[:first])


def test_main_is_deployed_in_the_order_of_the_steps() -> None:
    taken = [
        found[1]
        for _, step in steps(GITHUB / "workflows" / "deploy.yml")
        if (found := re.search(r"ops deploy .*--step ([a-z-]+)", str(step.get("run", ""))))
    ]
    assert taken == ["what-if", *(step.name for step in STEPS)]


def test_restoring_comes_last_and_only_after_code_was_sent() -> None:
    deploy: list[dict[str, Any]] = jobs(GITHUB / "workflows" / "deploy.yml")["deploy"]["steps"]
    assert "ops restore" in deploy[-1]["run"]
    assert "failure()" in deploy[-1]["if"]
    assert "steps.code.outcome != 'skipped'" in deploy[-1]["if"]
    assert next(step for step in deploy if step.get("id") == "code")["run"].endswith("--step code")
    assert "--before" in next(step for step in deploy if "what-if" in str(step.get("run")))["run"]


VARIABLE = re.compile(r"readEnvironmentVariable\('(\w+)'")


def test_every_variable_of_the_parameter_file_is_handed_on() -> None:
    read = {
        name for path in (ROOT / "infra").glob("*.bicepparam") for name in VARIABLE.findall(path.read_text())
    }
    assert "DRIVECAST_ALERT_EMAILS" in read
    for job in ("what-if", "deploy"):
        assert read <= set(jobs(DEPLOY)[job]["env"]), job


def test_what_if_and_deployment_get_the_same_values() -> None:
    assert jobs(DEPLOY)["what-if"]["env"] == jobs(DEPLOY)["deploy"]["env"]


def test_one_bicep_checks_and_deploys() -> None:
    def installs(found: list[dict[str, Any]]) -> bool:
        return any(step.get("uses") == BICEP for step in found)

    assert all(installs(step_list(job)) for job in ("what-if", "deploy"))
    assert all(installs(jobs(CI)[job]["steps"]) for job in ("bicep", "tests"))
    pins = [
        (path.parent.name, version)
        for path in [*WORKFLOWS, *ACTIONS]
        for version in re.findall(
            r"BICEP_VERSION: v([\d.]+)|bicep install (?!--version \"\$)", path.read_text()
        )
    ]
    assert [index for index, _ in pins] == ["bicep"]
    assert document(GITHUB / "actions" / "bicep" / "action.yml")["runs"]["using"] == "composite"
    assert "az bicep" not in "".join(str(step.get("run")) for path in WORKFLOWS for _, step in steps(path))
