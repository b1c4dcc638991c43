"""A check of one link, what it found, and walking the checks in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import httpx
from azure.core.exceptions import AzureError

from ops.app.target import Target
from ops.errors import OpsError

type State = Literal["ok", "failed", "not checked", "does not apply"]


@dataclass(frozen=True)
class Finding:
    """The result of a check, and advice, empty unless it failed.

    ``not checked`` when a check it builds on is not ok.
    """

    state: State
    message: str
    todo: str = ""


def ok(message: str) -> Finding:
    """Find that the link holds."""
    return Finding("ok", message)


def failure(message: str, todo: str) -> Finding:
    """Find that the link is broken: what was seen, and what to do."""
    return Finding("failed", message, todo)


def does_not_apply(message: str) -> Finding:
    """Find that the target has no such link; what builds on it is checked nevertheless."""
    return Finding("does not apply", message)


@dataclass(frozen=True)
class DoctorCheck:
    """One link.

    Parameters
    ----------
    name : str
        Stable: scripts and the runbook refer to it.
    needs : tuple of str
        Names of the checks without which this one could not tell anything.
    look : callable
        Looks at the target. An OpsError, or an error of storage or HTTP, counts as failed.
    todo : str
        Advice when looking itself fails.
    """

    name: str
    needs: tuple[str, ...]
    look: Callable[[Target], Finding]
    todo: str


def walk(
    checks: Iterable[DoctorCheck], target: Target, tell: Callable[[DoctorCheck, Finding], None]
) -> dict[str, Finding]:
    """Make the checks one after the other, in the order in which a file travels; return findings by name.

    A check comes after those it needs; *tell* is called with each and its finding.
    """
    found: dict[str, Finding] = {}
    for check in checks:
        missing = [name for name in check.needs if found[name].state in ("failed", "not checked")]
        found[check.name] = (
            Finding("not checked", f"needs {', '.join(missing)}") if missing else _look(check, target)
        )
        tell(check, found[check.name])
    return found


def _look(check: DoctorCheck, target: Target) -> Finding:
    try:
        return check.look(target)
    except OpsError as error:
        return failure(str(error), check.todo)
    except AzureError as error:
        return failure(" ".join(error.message.split())[:300], check.todo)
    except httpx.HTTPError as error:
        return failure(f"no answer: {error}", check.todo)
