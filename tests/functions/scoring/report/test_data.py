from __future__ import annotations

from functions.scoring.model.manifest import read_manifest
from functions.scoring.report.data import ReportData, report_data
from functions.scoring.report.fleet_day import BINS, FleetDay
from functions.scoring.report.tally import Source, Tally
from tests.support.running_app import PROJECT
from tests.support.scores import drive_counts

MANIFEST = read_manifest(PROJECT / "models" / "v2")
SUMMARY = {"history": {"days_joined": ["2014-01-18"]}}


def report(tally: Tally) -> ReportData:
    return report_data(Source("day.csv", "1", 9), tally, SUMMARY, MANIFEST)


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
    assert (found.date, found.fleet.drives, found.fleet.interval) == ("", 0, (0, 0))
    assert (found.models, found.others, found.worst, found.histogram) == ([], None, [], [])
