"""What is missing in Azure is named with the command that mends it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from ops.app import remedies
from ops.app.target import Target
from ops.deploy.steps import STEPS
from ops.doctor.check import Finding, walk
from ops.doctor.checks import CHECKS
from tests.ops.conftest import ReplayCli
from tests.ops.doctor.hand_written_answers import healthy
from tests.support.running_app import RunningAzurite

URL = "https://drivecast.example"


@pytest.mark.parametrize(
    ("check", "words", "broken", "command"),
    [
        ("settings", "functionapp config appsettings list", [], remedies.INFRA),
        ("settings", "functionapp config appsettings list", {"error": "ERROR: no"}, remedies.INFRA),
        ("containers", "storage container-rm list", [], remedies.INFRA),
        ("roles", "role assignment list", [], remedies.INFRA),
        ("functions", "functionapp function list", [], remedies.CODE),
        ("webhook-key", "functionapp keys list", {"systemKeys": {}}, remedies.CODE),
        ("webhook-key", "functionapp keys list", {"error": "ERROR: no"}, "--role 'Website Contributor'"),
        ("system-topic", "eventgrid system-topic list", [], remedies.EVENT_GRID),
        ("subscription", "eventgrid system-topic event-subscription list", [], remedies.EVENT_GRID),
    ],
)
def test_the_command_is_named(
    check: str, words: str, broken: object, command: str, replay_cli: ReplayCli, account: RunningAzurite
) -> None:
    replay_cli({**healthy(URL), words: broken})
    found = finding(check, Target(URL, app="drivecast", resource_group="rg-drivecast"))
    assert found.state == "failed", found
    assert command in found.todo
    assert "\n" not in found.message + found.todo


def finding(name: str, target: Target) -> Finding:
    """Make one check, whatever it builds on."""
    alone = replace(next(check for check in CHECKS if check.name == name), needs=())
    return walk([alone], target, lambda *_: None)[name]


def test_the_commands_name_steps_there_are() -> None:
    commands = f"{remedies.INFRA} {remedies.CODE} {remedies.EVENT_GRID}"
    reported = re.findall(r"STEP=([a-z-]+)`", commands)
    assert reported == ["infra", "code", "event-grid"]
    assert set(reported) <= {step.name for step in STEPS}
