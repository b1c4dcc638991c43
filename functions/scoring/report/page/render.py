"""``<path>.report.html``: a scored file for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from functions.html.charts import Bar, Interval, bars, intervals
from functions.html.markup import (
    NOTHING,
    Markup,
    Section,
    Tile,
    document,
    element,
    isolate,
    join,
    paragraph,
    tiles,
)
from functions.html.numbers import count, failures, interval, probability, share
from functions.scoring.model.risk import ADVICE
from functions.scoring.report.data import ReportData, report_data
from functions.scoring.report.failure_interval import METHOD
from functions.scoring.report.page.challenger import challenger_section
from functions.scoring.report.page.tables import (
    WORST_FIRST,
    history_table,
    missing_table,
    models_table,
    rejects_table,
    worst_table,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from functions.scoring.model.manifest import Manifest
    from functions.scoring.report.tally import Source, Tally

_DRAWN = 12
"""Drive models in the chart; the table has all of them."""

_ETAG = 12
"""Characters shown of an ETag."""


def report_page(source: Source, tally: Tally, summary: Mapping[str, Any], manifest: Manifest) -> bytes:
    """Return the page of a whole scored file, UTF-8; equal bytes for equal input, history and model."""
    return render(report_data(source, tally, summary, manifest)).encode()


def render(data: ReportData) -> str:
    """Return the page as HTML."""
    days = data.manifest.horizon_days
    sections = [
        Section("forecast", f"Failures expected in {days} days", _forecast(data)),
        Section("risk", "Risk", _risk(data)),
        Section("worst", _worst_title(data), _worst(data)),
        Section("models", "By drive model", _models(data)),
        Section("quality", "Data quality", _quality(data)),
        Section("history", "History", _history(data)),
        Section("challenger", "Challenger", challenger_section(data.challenger)),
        Section("model", f"Model {data.manifest.version}", _model(data.manifest)),
    ]
    header = [element("h1", isolate(data.source.name)), paragraph(_lead(data), "lead"), _tiles(data)]
    return document(f"Drive failure forecast: {data.source.name}", header, sections, _footer(data))


def _footer(data: ReportData) -> Markup:
    version = f"model {data.manifest.version}"
    parts = [
        "Drivecast",
        isolate(data.source.name),
        f"{count(data.source.bytes)} bytes",
        _etag(data),
        version,
    ]
    return element("footer", join(parts, " · "), class_="caption")


def _etag(data: ReportData) -> Markup:
    return join(["ETag ", isolate(data.source.etag.strip('"')[:_ETAG])])


def _lead(data: ReportData) -> str:
    if not data.accepted:
        return "No row of this file could be scored, or it has none."
    drives = f"{count(data.fleet.drives)} {_drives(data.fleet.drives)} on {data.date}"
    return join([drives, f"model {data.manifest.version}", _etag(data)], " · ")


def _drives(number: int) -> str:
    return "drive" if number == 1 else "drives"


def _tiles(data: ReportData) -> Markup:
    fleet = data.fleet
    expected = f"failures expected in {data.manifest.horizon_days} days"
    shown = [Tile(failures(fleet.expected), expected, f"95 % interval: {interval(fleet.interval, 0)}")]
    for level in ("critical", "high", "medium"):
        drives = fleet.risk[level]
        shown.append(Tile(count(drives), f"{_drives(drives)} at {level} risk", ADVICE[level], level))
    return tiles(shown)


def _forecast(data: ReportData) -> Markup:
    if not data.fleet.drives:
        return NOTHING
    parts = [
        paragraph(
            f"Of {count(data.fleet.drives)} {_drives(data.fleet.drives)} seen on {data.date}, "
            f"{failures(data.fleet.expected)} are expected to fail within {data.manifest.horizon_days} days; "
            f"with a chance of 95 % it will be {interval(data.fleet.interval, 0)}."
        ),
        paragraph(METHOD, "caption"),
    ]
    if len(data.dates) > 1:
        parts.append(
            paragraph(
                f"The file has {count(len(data.dates))} dates, {min(data.dates)} to {max(data.dates)}. "
                f"Forecasts, risk, worst drives and drive models are those of {data.date}, the latest date "
                "with at least half as many rows as the fullest one, so that a drive counts once. Drives "
                "seen on other dates only are not among them; the scored CSV has every row."
            )
        )
    return join(parts)


def _risk(data: ReportData) -> Markup:
    if not data.fleet.drives:
        return NOTHING
    by_level = [Bar(name, data.fleet.risk[name], count(data.fleet.risk[name]), name) for name in WORST_FIRST]
    by_probability = [Bar(label, drives, count(drives), "blue") for label, drives in data.histogram]
    limits = data.manifest.thresholds
    levels = paragraph(
        f"Drives by level: medium from {probability(limits.medium)}, high from "
        f"{probability(limits.high)}, critical from {probability(limits.critical)}.",
        "caption",
    )
    probabilities = paragraph(
        "Drives by probability of failing; those of unknown risk are left out.", "caption"
    )
    lengths = paragraph("Lengths are logarithmic, so that a few drives among many can be seen.", "caption")
    pair = element(
        "div",
        element("div", bars(by_level, "Drives by risk level", logarithmic=True), levels),
        element(
            "div", bars(by_probability, "Drives by probability of failing", logarithmic=True), probabilities
        ),
        class_="pair",
    )
    return join([pair, lengths])


def _worst_title(data: ReportData) -> str:
    drives = len(data.worst)
    return f"The {count(drives)} drives most at risk" if drives > 1 else "The drive most at risk"


def _worst(data: ReportData) -> Markup:
    if not data.worst:
        return NOTHING
    note = "Reasons are given from medium risk on: the attributes that raise the risk most, strongest first."
    return join([worst_table(data.worst), paragraph(note, "caption")])


def _models(data: ReportData) -> Markup:
    if not data.models:
        return NOTHING
    rows = [Interval(one.name, one.expected, *one.interval) for one in data.models[:_DRAWN]]
    name = "Failures expected by drive model, with 95 % intervals"
    chart = intervals(rows, name, failures, least_step=1.0)
    drawn = f"The {_DRAWN} with most; all" if len(data.models) > _DRAWN else "All"
    note = f"{drawn} {count(len(data.models))} drive models are in the table."
    if data.others:
        note += (
            f" Counted apart are the {count(len(data.models))} models whose names come first; the others are "
            "one line."
        )
    return join([chart, paragraph(note, "caption"), models_table(data)])


def _quality(data: ReportData) -> Markup:
    rejected = data.lines - data.accepted
    sentences = (
        f"{count(data.lines)} data lines: {count(data.accepted)} scored, {count(rejected)} rejected "
        f"({share(rejected, data.lines)})."
    )
    parts = [paragraph(sentences), rejects_table(data)]
    if rejected:
        below = "Rejected lines are in the rejects CSV, each with its line number and reason."
        parts.append(paragraph(below, "caption"))
    if not data.accepted:
        return join(parts)
    absent = [
        paragraph(
            f"No row reports SMART {one.attribute} ({one.name}): the model answers without it. Check whether "
            "the column was left out of the export.",
            "warning",
        )
        for one in data.missing
        if one.rows == data.accepted
    ]
    return join([*parts, element("h3", "Missing attributes"), *absent, missing_table(data)])


def _history(data: ReportData) -> Markup:
    if not data.accepted:
        return NOTHING
    sentences = (
        f"{count(data.with_history)} of {count(data.accepted)} rows "
        f"({share(data.with_history, data.accepted)}) were compared with earlier days."
    )
    if data.days_joined:
        days = data.days_joined
        listed = ", ".join(days) if len(days) <= _DRAWN else f"{len(days)} days, {days[0]} to {days[-1]}"
        sentences += f" Snapshots used: {listed}."
    else:
        sentences += (
            " There was no snapshot of the weeks before: every row was scored by its own values alone."
        )
    return join([paragraph(sentences), history_table(data)])


def _model(manifest: Manifest) -> Markup:
    protocol = manifest.metrics.get("protocol")
    sentences = protocol if isinstance(protocol, str) else "Its manifest records no forward test."
    return join([paragraph(f"{manifest.algorithm}."), paragraph(sentences)])
