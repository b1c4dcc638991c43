"""Names for whose outputs there is no place."""

from __future__ import annotations

import re

import pytest

from functions.storage.errors import SourceNameError, SourceNameTooLongError, SourcePathError
from functions.storage.output_names import (
    LONGEST_NAME,
    is_reachable,
    refuse_long_name,
    refuse_output_name,
    refuse_unreachable_name,
)


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".CSV", ".json", ".json.gz"])
def test_the_longest_name_has_room_for_every_output(ending: str) -> None:
    stem = "x" * 1007
    refuse_long_name(stem + ending)
    assert max(len(f"{stem}.summary.json"), len(f"2014-01-25/{stem}.arrow")) == LONGEST_NAME
    with pytest.raises(SourceNameTooLongError, match=r"\b1,008\b"):
        refuse_long_name(f"x{stem}{ending}")


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("a.rejects.csv", "a.csv"),
        ("b/a.rejects.csv.gz", "b/a.csv"),
        ("a.rejects.CSV", "a.csv"),
        ("a.rejects.json", "a.csv"),
        ("a.rejects.rejects.csv", "a.rejects.csv"),
    ],
)
def test_the_name_of_the_rejects_of_another_file(name: str, other: str) -> None:
    with pytest.raises(SourceNameError, match=rf" {re.escape(other)}\b"):
        refuse_output_name(name)


@pytest.mark.parametrize(
    "name", ["a.csv", "rejects.csv", "a.Rejects.csv", "a.rejects.b.csv", "a.summary.csv"]
)
def test_names_that_are_taken_for_what_they_are(name: str) -> None:
    refuse_output_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "..",
        "../a.csv",
        "a/../b.csv",
        "a/..",
        "./a.csv",
        "a/./b.csv",
        "..\\a.csv",
        "a\\..\\b.csv",
        "a/..\\b.csv",
        "",
        "a\0.csv",
        "a\n.csv",
        "a\r\n.csv",
        "a\x1b[2J.csv",
        "a\x7f.csv",
        "a\x85.csv",
        "a\ud800.csv",
    ],
)
def test_a_path_that_leads_elsewhere_or_nowhere(name: str) -> None:
    assert not is_reachable(name)
    with pytest.raises(SourcePathError) as refused:
        refuse_unreachable_name(name)
    # It is written to the log: one line, and no bytes that a terminal obeys.
    assert refused.value.detail.isprintable()


@pytest.mark.parametrize(
    "name",
    [
        "a.csv",
        "..a.csv",
        "a/...csv",
        "a/.../b.csv",
        "a//b.csv",
        "/a.csv",
        "%2e%2e/a.csv",
        "a\\b.csv",
        "ü.csv",
    ],
)
def test_a_path_inside_the_container(name: str) -> None:
    refuse_unreachable_name(name)
