from __future__ import annotations

import httpx
import pytest
from azure.core.exceptions import ServiceRequestError

from ops.app.target import Target
from ops.doctor.check import DoctorCheck, Finding, does_not_apply, failure, ok, walk
from ops.doctor.checks import CHECKS
from ops.errors import OpsError


def check(name: str, finding: Finding | Exception, *needs: str) -> DoctorCheck:
    def look(_target: Target) -> Finding:
        if isinstance(finding, Exception):
            raise finding
        return finding

    return DoctorCheck(name, needs, look, "do something")


def test_what_builds_on_a_broken_link_is_not_checked_however_far_away() -> None:
    reported: list[str] = []
    checks = [
        check("a", failure("broken", "mend it")),
        check("b", ok("never looked at"), "a"),
        check("c", ok("never looked at"), "b"),
        check("d", does_not_apply("here")),
        check("e", ok("fine"), "d"),
    ]
    found = walk(checks, Target(), lambda each, _finding: reported.append(each.name))
    states = {name: finding.state for name, finding in found.items()}
    assert states == {
        "a": "failed",
        "b": "not checked",
        "c": "not checked",
        "d": "does not apply",
        "e": "ok",
    }
    assert found["c"].message.endswith(" b")
    assert reported == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("error", "reported"),
    [
        (OpsError("no az"), "no az"),
        (ServiceRequestError("cannot\n  connect"), "cannot connect"),
        (httpx.ConnectError("refused"), "no answer: refused"),
    ],
)
def test_what_cannot_be_looked_at_has_failed(error: Exception, reported: str) -> None:
    found = walk([check("a", error)], Target(), lambda *_: None)
    assert found["a"] == Finding("failed", reported, "do something")


def test_a_defect_of_a_check_is_not_hidden() -> None:
    with pytest.raises(KeyError):
        walk([check("a", KeyError("x"))], Target(), lambda *_: None)


def test_every_check_comes_after_those_it_needs_and_says_what_to_do() -> None:
    seen: set[str] = set()
    for each in CHECKS:
        assert set(each.needs) <= seen
        assert each.todo
        seen.add(each.name)
    assert len(seen) == len(CHECKS)
