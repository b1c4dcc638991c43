"""`make test-fast` runs no test with an app, Azurite or a browser, and such a test cannot hide."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.support.running_app import PROJECT, RunningApp
from tests.support.speeds import is_heavy, refuse

HEAVY = {"app", "azurite", "account", "browser", "service", "model_container"}


def test_fixtures_that_start_something_mark_their_tests(request: pytest.FixtureRequest) -> None:
    marked = {
        name: item.get_closest_marker("slow") is not None
        for item in request.session.items
        if isinstance(item, pytest.Function)
        for name in HEAVY & set(item.fixturenames)
    }
    assert set(marked.values()) <= {True}


def test_a_fixture_is_heavy_by_what_it_gives() -> None:
    def app() -> Iterator[RunningApp]:
        raise AssertionError("looked at, never called")

    def name() -> str:
        raise AssertionError("looked at, never called")

    assert is_heavy(app)
    assert not is_heavy(name)


@pytest.mark.parametrize(
    ("command", "refused"),
    [
        (["python", "-m", "devhost", "--app", "x"], True),
        (["node", "node_modules/.bin/azurite", "--silent"], True),
        (["/usr/bin/chromium", "--headless"], True),
        (["/usr/bin/prometheus", "--config.file=x"], True),
        (["git", "status"], False),
        ("python -c 1", False),
    ],
)
def test_what_an_unmarked_test_starts(command: list[str] | str, *, refused: bool) -> None:
    if refused:
        with pytest.raises(AssertionError, match="test_x"):
            refuse(command, "test_x")
    else:
        refuse(command, "test_x")


def test_the_targets_differ_by_the_mark() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    recipes = dict(re.findall(r"^([a-z-]+):.*\n((?:\t.*\n)+)", makefile, re.MULTILINE))
    assert '-m "not slow"' in recipes["test-fast"]
    assert "not slow" not in recipes["unit"]
