"""docs/devhost.md: the tests its tables name are there."""

import re

import pytest

from tests.support.running_app import PROJECT

PAGE = (PROJECT / "docs" / "devhost.md").read_text()
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)))


def test_tests_are_named() -> None:
    assert len(NAMED) >= 15


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_test_that_is_named_is_there(file: str, name: str) -> None:
    assert f"\ndef {name}(" in (PROJECT / "tests" / file).read_text()


def test_every_behaviour_names_its_test() -> None:
    table = PAGE.partition("| Behaviour |")[2].partition("\n\n")[0]
    rows = [line for line in table.splitlines()[2:] if line.startswith("|")]
    assert rows
    assert [line for line in rows if "::" not in line.rpartition(" | ")[2]] == []
