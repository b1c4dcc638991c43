"""The steps of a deployment, in their order. Each works from what Azure has, so each can be run alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ops.deploy import code, hook, infrastructure, model
from ops.deploy.environment import Environment
from ops.deploy.resources import STORAGE

type Tell = Callable[[str], None]


@dataclass(frozen=True)
class DeployStep:
    """One step: its name for ``--step``, and *take*, which does it.

    *take* calls its second argument with what it waits for, and returns a line for the end, or nothing.
    """

    name: str
    summary: str
    take: Callable[[Environment, Tell], str | None]


def _what_if(environment: Environment, _tell: Tell) -> None:
    infrastructure.what_if(environment)


def _infra(environment: Environment, _tell: Tell) -> None:
    infrastructure.deploy(environment)


def _code(environment: Environment, tell: Tell) -> str:
    return code.deploy(environment, environment.folder, tell)


def _model(environment: Environment, _tell: Tell) -> str | None:
    if not model.comes_from_container(environment.target()):
        return "the models came with the code"
    model.publish(model.address(environment.outputs()[STORAGE]))
    return None


def _event_grid(environment: Environment, _tell: Tell) -> None:
    hook.run(environment, "event-grid.sh")


def _smoke(environment: Environment, _tell: Tell) -> None:
    hook.run(environment, "smoke.sh")


WHAT_IF, INFRA = "what-if", "infra"

STEPS = [
    DeployStep(WHAT_IF, "show what the infrastructure's deployment would change", _what_if),
    DeployStep(INFRA, "deploy infra/main.bicep", _infra),
    DeployStep("code", "send the code, to be built there", _code),
    DeployStep("model", "make the champion of models/ the container's, where models come from there", _model),
    DeployStep("event-grid", "have Event Grid tell the app of new telemetry", _event_grid),
    DeployStep("smoke", "try the app", _smoke),
]
