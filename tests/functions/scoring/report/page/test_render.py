from __future__ import annotations

import dataclasses
import html
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.html.numbers import DASH
from functions.scoring.report.data import report_data
from functions.scoring.report.page.render import render
from functions.scoring.report.tally import Source
from functions.scoring.report.top_drives import WorstDrive
from tests.functions.scoring.report.page.made_report import HOSTILE, fleet, report_of, scorer
from tests.functions.scoring.report.page.reading import Page
from tests.support.drives import HEADER, row, table
from tests.support.other_manifests import CALIBRATED

ALLOWED = {
    "a", "b", "bdi", "body", "br", "circle", "code", "div", "footer", "h1", "h2", "h3", "head", "header",
    "html", "line", "main", "meta", "nav", "p", "rect", "section", "span", "style", "svg", "table", "tbody",
    "td", "text", "th", "thead", "title", "tr",
}  # fmt: skip


def test_numbers_are_those_of_the_summary() -> None:
    found, source = report_of(fleet())
    page, reported = Page(source), found.summary
    summed = dict(zip(page.tables["drive-models"][0], page.tables["drive-models"][-1], strict=True))
    assert summed["drive model"] == "all drives"
    assert int(summed["drives"]) == reported["fleet"]["drives"] == reported["lines"]["accepted"] == 400
    assert {level: int(summed[level]) for level in reported["risk"]} == reported["risk"]
    # Too few of a mixed fleet's drives have a forecast that stands; the drives of its models have theirs.
    assert reported["fleet"]["no_number_because"]["code"] == "few_forecasts"
    assert reported["fleet"]["no_number_because"]["sentence"] in page.text
    assert (summed["failures expected"], summed["95 % interval"]) == (DASH, DASH)
    assert int(summed["forecast stands"]) == reported["fleet"]["forecast_drives"]
    assert {line[0] for line in page.tables["drive-models"][1:-1] if line[4] != DASH} == {"ST4000DM000"}
    assert {line[0]: int(line[2]) for line in page.tables["scope"][1:]} == reported["fleet"]["scope"]
    for column, level in enumerate(page.tables["drive-models"][0][6:], 6):
        by_model = page.tables["drive-models"][1:-1]
        assert sum(int(line[column]) for line in by_model) == reported["risk"][level]
    worst = page.tables["worst-drives"][1:]
    assert len(worst) == 50
    assert [line[0] for line in worst[:10]] == [drive["serial_number"] for drive in reported["worst"]]
    assert [line[5] for line in worst[:10]] == [str(drive["line"]) for drive in reported["worst"]]
    assert [line[4] for line in worst[:10]] == [drive["scope"] for drive in reported["worst"]]
    assert all(drive["reason"] in line[6] for drive, line in zip(reported["worst"], worst, strict=False))
    assert {line[0]: int(line[1]) for line in page.tables["rejects"][1:]} == reported["rejects"]
    scored = found.rows()
    known = [line for line in scored if line["probability"]]
    by_probability = sorted(known, key=lambda line: (-float(line["probability"]), int(line["line"])))
    assert [line[0] for line in worst] == [line["serial_number"] for line in by_probability[:50]]
    unknown = sum(line["risk"] == "unknown" for line in scored)
    assert unknown == 8
    assert {line[1] for line in page.tables["missing"][1:]} == {str(unknown)}


def test_the_number_of_a_fleet_that_is_known_and_the_drives_it_stands_for() -> None:
    found, source = report_of(fleet(models=["ST4000DM000"]))
    page, reported = Page(source), found.summary["fleet"]
    assert reported["no_number_because"] is None
    summed = dict(zip(page.tables["drive-models"][0], page.tables["drive-models"][-1], strict=True))
    assert float(summed["failures expected"]) == pytest.approx(reported["expected_failures"], abs=0.05)
    assert summed["95 % interval"] == "{} to {}".format(*reported["interval_95"])
    assert (reported["forecast_drives"], reported["drives"]) == (392, 400)
    assert page.text.count("392 of 400 drives") == 2  # on the tile, and in the sentence


def test_drives_nothing_is_known_of_have_no_percentage() -> None:
    _, source = report_of(fleet(models=["Samsung SSD 860 EVO 1TB"]))
    page = Page(source)
    assert [(line[0], line[2]) for line in page.tables["scope"][1:]] == [
        ("trained", "0"),
        ("similar", "0"),
        ("unknown", "400"),
    ]
    assert "worst-drives" not in page.tables
    by_model = page.tables["drive-models"]
    assert [line[4:6] for line in by_model[1:]] == [[DASH, DASH]] * 2


def test_the_levels_of_similar_drives_where_they_have_their_own() -> None:
    found, _ = report_of(fleet(20))
    manifest = msgspec.structs.replace(scorer("v2").model.manifest, similar=CALIBRATED)
    page = Page(render(report_data(Source("a", "b", 1), found.tally, found.summary, manifest)))
    assert "medium from 3\u202f%, high from 10\u202f%, critical from 30\u202f%" in page.text


def test_drift_of_trained_and_of_similar_drives_apart() -> None:
    found, _ = report_of(fleet(20))
    data = report_data(Source("a", "b", 1), found.tally, found.summary, scorer("v2").model.manifest)
    similar = {"psi": {"smart_5": 0.125}, "worst": None}
    both = dataclasses.replace(data, drift={"psi": {"smart_5": 0.5, "smart_187": 0.25}, "similar": similar})
    assert Page(render(both)).tables["drift"][1:] == [
        ["smart_5", "0.500", "0.125"],
        ["smart_187", "0.250", DASH],
    ]
    alone = dataclasses.replace(both, drift={**both.drift, "similar": None})
    assert Page(render(alone)).tables["drift"][1:] == [["smart_5", "0.500"], ["smart_187", "0.250"]]


def test_what_it_says_of_itself() -> None:
    found, source = report_of(fleet(), name="site 1/day.csv")
    page = Page(source)
    manifest = scorer("v2").model.manifest
    for expected in (
        "site 1/day.csv",
        "ETag 0x8DD0C0FFEE",
        "model v2",
        manifest.metrics["protocol"],
        f" {found.summary['challenger']['rows']} rows",
    ):
        assert expected in page.text
    assert page.elements <= ALLOWED
    assert not re.search(r"https?:|url\(|@import|src=", source)


def test_the_same_bytes_again() -> None:
    assert report_of(fleet())[1] == report_of(fleet())[1]


def test_without_a_challenger_there_is_no_such_section() -> None:
    assert "Challenger" not in Page(report_of(fleet(20), challenger=None)[1]).text


def test_no_rows_and_none_that_can_be_scored() -> None:
    for data in (HEADER.encode(), table(["oops"])):
        page = Page(report_of(data)[1])
        assert "data lines" in page.text
        assert "worst-drives" not in page.tables


def test_several_dates_count_a_drive_once() -> None:
    rows = [row(f"S{number}", f"2014-01-{day}") for day in (23, 24, 25) for number in range(10)]
    found, source = report_of(table(rows))
    page = Page(source)
    assert found.summary["fleet"]["drives"] == 10
    assert found.summary["lines"]["accepted"] == 30
    assert page.tables["drive-models"][-1][2] == "10"
    assert re.search(r"\b3 dates, 2014-01-23 to 2014-01-25\b", page.text)


def test_history_and_an_attribute_nobody_reports() -> None:
    found, _ = report_of(fleet(20))
    data = report_data(Source("a", "b", 1), found.tally, found.summary, scorer("v2").model.manifest)
    every = dataclasses.replace(
        data,
        history_days={0: 5, 7: 15},
        days_joined=["2014-01-18"],
        missing=[dataclasses.replace(one, rows=data.accepted) for one in data.missing],
    )
    page = Page(render(every))
    assert "15 of 20 rows (75.0\u202f%)" in page.text
    assert page.tables["history-days"][-1] == ["7 days", "15", "75.0\u202f%"]
    assert page.text.count("No row reports SMART") == 4


def test_a_challenger_that_failed() -> None:
    found, _ = report_of(fleet(20))
    found.summary["challenger"] = {"version": "v3", "status": "failed", "reason": "InvalidArgument"}
    data = report_data(Source("a", "b", 1), found.tally, found.summary, scorer("v2").model.manifest)
    assert re.search(r"\bv3\b.*\(InvalidArgument\)", Page(render(data)).text)


def with_texts(serial: str, model: str, name: str) -> str:
    found, _ = report_of(fleet(20))
    data = report_data(Source(name, name, 1), found.tally, found.summary, scorer("v2").model.manifest)
    worst = [WorstDrive(0.5, -2, 2, serial, model, "high", "trained", (serial,))]
    models = [dataclasses.replace(data.models[0], name=model)]
    shadow = msgspec.json.decode(msgspec.json.encode(data.challenger))
    both = {"probability": 0.5, "risk": "high"}
    shadow["drives"] = [
        {
            "alarm": "champion",
            "serial_number": serial,
            "model": model,
            "date": "2014-01-25",
            "champion": both,
            "challenger": both,
        }
    ]
    return render(dataclasses.replace(data, worst=worst, models=models, challenger=shadow))


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text(hostile: str) -> None:
    source = with_texts(hostile, hostile, hostile)
    source.encode()  # no lone surrogate is left
    page = Page(source)
    assert page.elements <= ALLOWED
    assert not any(name.startswith("on") for name in page.attributes)
    assert "x" * 300 not in source
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f]", source)
    if hostile.isprintable() and len(hostile) < 100:
        assert page.tables["worst-drives"][1][0] == hostile
        assert html.escape(hostile) in source


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
def test_any_text(serial: str, model: str, name: str) -> None:
    source = with_texts(serial, model, name)
    assert Page(source).elements <= ALLOWED
    source.encode()
