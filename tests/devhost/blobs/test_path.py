"""Blob trigger paths."""

import re

import pytest

from devhost.blobs import path as blob_path
from devhost.errors import DevhostError


@pytest.mark.parametrize(
    ("path", "blob", "names"),
    [
        ("telemetry/{name}", "2014/01/25.csv", {"name": "2014/01/25.csv"}),
        ("telemetry/{name}.csv", "a.csv", {"name": "a"}),
        ("telemetry/{name}.csv", "a.csv.gz", None),
        ("telemetry/{name}.csv", ".csv", {"name": ""}),
        ("telemetry/{name}.csv", "a.CSV", None),
        ("telemetry/{day}/{name}.csv", "2014/01/a.csv", {"day": "2014/01", "name": "a"}),
        ("telemetry/{day}/{name}.csv", "a.csv", None),
        ("telemetry/{a}-{a}", "1-2", {"a": "2"}),
        ("telemetry/{day:yyyy}/{name}", "x/y", {"day": "x", "name": "y"}),
        ("telemetry/{day}/{name}.{ext}", "d/n.x.csv", {"day": "d", "name": "n.x", "ext": "csv"}),
        ("telemetry/a{{b}}/{name}", "a{b}/c", {"name": "c"}),
        ("telemetry", "anything/at all", {}),
        ("telemetry/exact.csv", "exact.csv", {}),
        ("telemetry/exact.csv", "exactxcsv", None),
    ],
)
def test_a_path_matches(path: str, blob: str, names: dict[str, str] | None) -> None:
    assert blob_path.parse(path, "f").match(blob) == names


def test_the_literal_beginning_narrows_the_listing() -> None:
    assert blob_path.parse("telemetry/in/day-{name}.csv", "f").prefix == "in/day-"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "{container}/{name}",
        "Telemetry/{name}",
        "telemetry/",
        "/telemetry/{name}",
        "telemetry/{name",
        "telemetry/a}",
        "telemetry/{}",
        "telemetry/{a.b}",
        "telemetry/{rand-guid}",
    ],
)
def test_a_bad_path_is_said(path: str) -> None:
    with pytest.raises(DevhostError, match=rf"^score: .*{re.escape(repr(path))}"):
        blob_path.parse(path, "score")
