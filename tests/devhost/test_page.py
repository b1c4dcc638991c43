"""docs/devhost.md names tests that there are, and says in every row which holds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from devhost.http.keys import SETTINGS
from tests.support.running_app import PROJECT

PAGE = (PROJECT / "docs" / "devhost.md").read_text("utf-8")
NAMED = re.compile(r"`([\w/.-]+\.py)::(test_\w+)`")
FOLDERS = (Path(__file__).parent, PROJECT / "tests", PROJECT)
"""What the tests' paths may begin at."""


def rows(last_column: str) -> Iterator[list[str]]:
    """Rows of every table whose last column is called this."""
    inside = False
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            inside = False
        elif cells[-1] == last_column:
            inside = True
        elif inside and set(cells[-1]) != {"-"}:
            yield cells


@pytest.mark.parametrize(("file", "test"), sorted(set(NAMED.findall(PAGE))))
def test_a_named_test_is_there(file: str, test: str) -> None:
    (path,) = {folder / file for folder in FOLDERS if (folder / file).is_file()}
    assert re.search(rf"^(async )?def {test}\(", path.read_text("utf-8"), re.MULTILINE)


def test_every_behaviour_names_a_test_that_holds_it() -> None:
    found = list(rows("Test"))
    assert len(found) >= 20
    assert [cells[0] for cells in found if not NAMED.search(cells[-1])] == []


def test_what_is_not_imitated_says_what_there_is_instead() -> None:
    found = list(rows("Instead"))
    assert len(found) >= 10
    assert [cells for cells in found if len(cells) != 2 or not all(cells)] == []


def test_the_keys_are_those_devhost_reads() -> None:
    assert [cells[0].strip("`") for cells in rows("Opens")] == list(SETTINGS)
