"""Two speeds: a test with an app, Azurite, a browser or a compiler is `slow`; no other one starts any.

The mark is computed from the types that fixtures are annotated with. A test that starts one of them without a
fixture carries the mark itself; a hook fails those that forget it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Any

import pytest

HEAVY = re.compile(r"\b(?:RunningAzurite|RunningApp|RunApp|RunningPrometheus|Browser|BicepCli|Compile)\b")
"""Types of what takes seconds to start, or starts it."""

STARTED = re.compile(
    r"\.bin/azurite |-m devhost(?:\.worker)? |/playwright/driver/|/chrom(?:e|ium) |/prometheus --"
)
"""Command lines that a test without the mark starts by no way."""


def is_heavy(fixture: Callable[..., Any]) -> bool:
    """Say whether a fixture is annotated to give what takes seconds to start."""
    return HEAVY.search(str(getattr(fixture, "__annotations__", {}).get("return", ""))) is not None


def mark_slow(items: Iterable[pytest.Item]) -> None:
    """Mark the tests whose fixtures, or fixtures of fixtures, are heavy."""
    for item in items:
        known = item._fixtureinfo.name2fixturedefs.values() if isinstance(item, pytest.Function) else ()
        if any(is_heavy(definition.func) for definitions in known for definition in definitions):
            item.add_marker("slow")


class Guard:
    """Refuses to start a heavy program while a test without the mark runs."""

    def __init__(self) -> None:
        self.item: pytest.Item | None = None
        sys.addaudithook(self._look)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Note which test runs."""
        self.item = item
        try:
            return (yield)
        finally:
            self.item = None

    def _look(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "subprocess.Popen" and self.item is not None and not self.item.get_closest_marker("slow"):
            refuse(arguments[1], self.item.nodeid)


def refuse(command: str | bytes | Sequence[Any], test: str) -> None:
    """Raise AssertionError where a command starts a heavy program."""
    words = [command] if isinstance(command, str | bytes) else list(command)
    found = STARTED.search(" ".join(str(word) for word in words))
    assert found is None, f"{test} starts {found[0].strip()!r}: add @pytest.mark.slow"
