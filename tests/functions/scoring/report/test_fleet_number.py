"""Whether a number of failures is given of a fleet."""

from __future__ import annotations

from typing import Any

import pytest

from functions.scoring.report.fleet_day import UNITS, DriveCounts
from functions.scoring.report.fleet_number import FAR_DRIFT, NO_NUMBER_CODES, no_number_because


def counts(trained: int, similar: int, unknown: int, *, calibrated: bool = False) -> DriveCounts:
    drives = trained + similar + unknown
    counted = trained + similar * calibrated
    return DriveCounts([drives, 0, 0, 0, 0], [trained, similar, unknown], counted, counted * UNITS // 100, 0)


def drift(trained: float | None = None, similar: float | None = None) -> dict[str, Any]:
    worst = [None if index is None else {"feature": "smart_5", "psi": index} for index in (trained, similar)]
    return {"worst": worst[0], "similar": {"worst": worst[1]}}


@pytest.mark.parametrize(
    ("fleet", "drifted", "code"),
    [
        (counts(10, 0, 0), drift(), None),
        (counts(10, 10, 0), drift(0.3), None),
        (counts(10, 11, 0), drift(), "few_forecasts"),
        (counts(10, 11, 0, calibrated=True), drift(), None),
        (counts(10, 0, 11), drift(), "few_forecasts"),
        (counts(0, 9, 0), drift(), "no_forecast"),
        (counts(0, 0, 9), drift(), "no_forecast"),
        (counts(0, 9, 0, calibrated=True), drift(), None),
        (counts(9, 0, 0), drift(FAR_DRIFT), None),
        (counts(9, 0, 0), drift(FAR_DRIFT + 0.01), "drift"),
        # The drift of drives for which the number does not stand is nothing to it.
        (counts(9, 1, 0), drift(0.1, 9.0), None),
        (counts(9, 1, 0, calibrated=True), drift(0.1, 9.0), "drift"),
        (counts(0, 9, 0, calibrated=True), drift(9.0, 0.1), None),
        (counts(9, 1, 0), drift() | {"similar": None}, None),
    ],
)
def test_what_forbids_a_number(fleet: DriveCounts, drifted: dict[str, Any], code: str | None) -> None:
    found = no_number_because(fleet, drifted)
    assert (None if found is None else found.code) == code
    assert found is None or found.code in NO_NUMBER_CODES
