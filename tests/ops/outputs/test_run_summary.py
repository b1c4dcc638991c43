from __future__ import annotations

import json
from typing import Any

import pytest

from ops.errors import OpsError
from ops.outputs.run_summary import read

SOURCE = b'"source": {"name": "telemetry/a.csv", "etag": "0x1", "bytes": 10}'


def test_reads_a_scored_file_and_ignores_what_it_does_not_know() -> None:
    summary = read(
        b'{"status": "scored", "error": null, "lines": {"data": 3, "accepted": 2, "rejected": 1},'
        b'"rejects": {"bad_date": 1}, "risk": {"low": 2}, "history": {"rows_with_history": 1, "days": []}, '
        + SOURCE
        + b"}"
    )
    assert summary.lines is not None
    assert (summary.lines.data, summary.lines.accepted, summary.lines.rejected) == (3, 2, 1)
    assert summary.rejects == {"bad_date": 1}
    assert summary.history is not None
    assert summary.history.rows_with_history == 1
    assert summary.source.etag == "0x1"


FLEET = {"date": "2014-01-25", "drives": 9, "scope": {"trained": 2, "similar": 7, "unknown": 0}}
NUMBER = {"forecast_drives": 9, "expected_failures": 1.3, "interval_95": [0, 4], "no_number_because": None}
BECAUSE = {"code": "few_forecasts", "sentence": "Only 2 of 9."}
NO_NUMBER = {
    "forecast_drives": 2,
    "expected_failures": None,
    "interval_95": None,
    "no_number_because": BECAUSE,
}


@pytest.mark.parametrize(
    ("rest", "expected"),
    [(NUMBER, ["1.3", "0 to 4", "9 of 9 drives"]), (NO_NUMBER, ["Only 2 of 9."])],
)
def test_the_failures_to_expect_or_why_there_is_no_number(rest: dict[str, Any], expected: list[str]) -> None:
    fleet = json.dumps({**FLEET, **rest}).encode()
    found = read(b'{"status": "scored", "fleet": ' + fleet + b", " + SOURCE + b"}").fleet
    assert found is not None
    assert found.scope["similar"] == 7
    assert all(part in found.forecast for part in expected)


def test_reads_a_failed_file() -> None:
    summary = read(
        b'{"status": "failed", "error": {"code": "c", "title": "t", "detail": "d"}, ' + SOURCE + b"}"
    )
    assert summary.error is not None
    assert summary.error.detail == "d"


@pytest.mark.parametrize(("code", "final"), [("bad_file", True), ("run_failed", False)])
def test_a_run_that_is_tried_again_is_not_the_last_word(*, code: str, final: bool) -> None:
    error = b'{"code": "%s", "title": "t", "detail": "d"}' % code.encode()
    assert read(b'{"status": "failed", "error": ' + error + b", " + SOURCE + b"}").is_final is final
    assert read(b'{"status": "scored", ' + SOURCE + b"}").is_final


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"status": 1, ' + SOURCE + b"}", b"\xff", b'{"status": "\xff"}']
)
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(OpsError):
        read(content)
