from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from ops.app.waiting import NotYetError, Patience
from ops.errors import OpsError


def coming(*seen: str) -> Callable[[], str]:
    """Return a look that sees something else first."""
    left = list(seen)

    def look() -> str:
        if left:
            raise NotYetError(left.pop(0))
        return "there"

    return look


def test_it_looks_until_it_is_there_and_says_once_what_for() -> None:
    reported: list[str] = []
    assert Patience(60, 0, reported.append).wait("the key", coming("404", "503"), "deploy") == "there"
    assert [re.sub(r"\d+", "N", line) for line in reported] == ["waiting for the key, N s at most: N"]


def test_what_is_there_is_not_waited_for() -> None:
    reported: list[str] = []
    assert Patience(60, 0, reported.append).wait("the key", coming(), "deploy") == "there"
    assert reported == []


def test_something_else_that_is_missing_is_told_as_well() -> None:
    reported: list[str] = []
    seen = [NotYetError("403", "a role"), NotYetError("503", "the host")]

    def look() -> None:
        if seen:
            raise seen.pop(0)

    Patience(60, 0, reported.append).wait("the app", look, "deploy")
    assert [line.partition(",")[0] for line in reported] == ["waiting for a role", "waiting for the host"]


def test_waiting_ends_and_says_what_to_do() -> None:
    with pytest.raises(OpsError, match=r"\b0 s for the key\b.*: 404; deploy the code$"):
        Patience(0, 0, print).wait("the key", coming("404"), "deploy the code")


def test_the_time_is_for_everything_together() -> None:
    patience = Patience(0.05, 0.02, lambda _: None)
    with pytest.raises(OpsError, match="the key"):
        patience.wait("the key", coming(*["404"] * 1000), "deploy")
    with pytest.raises(OpsError, match="the role"):
        patience.wait("the role", coming("403"), "deploy")


def test_another_error_ends_it() -> None:
    def look() -> None:
        raise OpsError("the build failed")

    with pytest.raises(OpsError, match=r"^the build failed$"):
        Patience(60, 0, print).wait("the app", look, "deploy")
