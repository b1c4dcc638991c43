from __future__ import annotations

from typing import Any

import msgspec
import pytest

from functions.scoring.model.manifest import Manifest, read_manifest
from functions.scoring.report.data import ReportData, report_data
from functions.scoring.report.fleet_day import BINS, UNITS, DriveCounts, FleetDay
from functions.scoring.report.tally import Source, Tally
from tests.support.running_app import PROJECT
from tests.support.scores import drive_counts

MANIFEST = read_manifest(PROJECT / "models" / "v2")
SUMMARY: dict[str, Any] = {
    "history": {"days_joined": ["2014-01-18"]},
    "drift": {"psi": {}, "similar": None},
    "fleet": {"no_number_because": None},
}


def report(tally: Tally, code: str | None = None, manifest: Manifest = MANIFEST) -> ReportData:
    because = None if code is None else {"code": code, "sentence": ""}
    summary = {**SUMMARY, "fleet": {"no_number_because": because}}
    return report_data(Source("day.csv", "1", 9), tally, summary, manifest)


def test_everything_it_shows() -> None:
    models = {"A": drive_counts(10, 1.0), "B": drive_counts(20, 3.0)}
    day = FleetDay([0] * (BINS - 1) + [30], models, drive_counts(5, 0.5), [])
    found = report(
        Tally(
            lines=40,
            accepted=36,
            rejects={"bad_date": 1, "not_utf8": 3},
            dates={"2014-01-26": 1, "2014-01-25": 35},
            missing={5: 7},
            history_days={28: 6, 0: 20, 7: 10},
            days={"2014-01-25": day, "2014-01-26": day},
        )
    )
    assert found.date == "2014-01-25"
    assert [model.name for model in found.models] == ["B", "A"]
    assert found.others is not None
    assert (found.others.name, found.others.drives) == ("other models", 5)
    assert (found.fleet.drives, found.fleet.expected) == (35, 4.5)
    assert found.fleet.interval is not None
    assert found.fleet.interval[0] < 4.5 < found.fleet.interval[1]
    assert [code for code, _, _ in found.rejects] == ["not_utf8", "bad_date"]
    assert list(found.dates) == ["2014-01-25", "2014-01-26"]
    assert found.histogram[0] == ("below 0.01 %", 0)
    assert found.histogram[1][0] == "0.01 to 0.03 %"
    assert found.histogram[-1] == ("30 % and more", 30)
    # Every attribute of the model is listed, those that all rows have too.
    assert {one.attribute: one.rows for one in found.missing} == {5: 7, 187: 0, 188: 0, 197: 0}
    assert list(found.history_days) == [0, 7, 28]
    assert found.with_history == 16
    assert found.days_joined == ["2014-01-18"]
    assert found.challenger is None


def test_without_rows() -> None:
    found = report(Tally(lines=2, rejects={"bad_date": 2}))
    assert (found.date, found.fleet.drives, found.fleet.expected) == ("", 0, None)
    assert (found.models, found.others, found.worst, found.histogram) == ([], None, [], [])


@pytest.mark.parametrize(
    ("code", "known"),
    # Drift is that of all trained drives; where drives of other models are too many, theirs still stands.
    [(None, {"A": 1.0}), ("few_forecasts", {"A": 1.0}), ("drift", {})],
)
def test_numbers_that_stand(code: str | None, known: dict[str, float]) -> None:
    similar = DriveCounts([9, 2, 0, 0, 0], [0, 11, 0], 0, 0, 0)
    solid = DriveCounts([0, 0, 0, 0, 7], [0, 0, 7], 0, 0, 0)
    mixed = DriveCounts([8, 0, 0, 0, 2], [8, 0, 2], 8, UNITS, UNITS // 2)
    day = FleetDay([0] * BINS, {"A": mixed, "B": similar, "C": solid}, similar, [])
    found = report(Tally(dates={"2014-01-25": 39}, days={"2014-01-25": day}), code)
    assert {one.name: one.expected for one in found.models if one.expected is not None} == known
    assert [one.name for one in found.models] == ["A", "B", "C"]
    assert all((one.interval is None) == (one.expected is None) for one in found.models)
    assert found.others is not None
    assert found.others.expected is None
    assert found.fleet.expected == (1.0 if code is None else None)
    assert (found.fleet.forecast_drives, found.fleet.drives) == (8, 39)
    assert found.fleet.scope == {"trained": 8, "similar": 22, "unknown": 9}
    assert found.no_number == (None if code is None else {"code": code, "sentence": ""})


def test_stand_ins() -> None:
    manifest = msgspec.structs.replace(MANIFEST, stand_ins={197: 198})
    found = {
        one.attribute: one
        for one in report(Tally(missing={197: 9}, stand_ins={197: 7}), None, manifest).missing
    }
    assert (found[197].rows, found[197].stand_in, found[197].replaced) == (9, 198, 7)
    assert (found[187].stand_in, found[187].replaced) == (None, 0)
