"""``<path>.report.html``: a scored file for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from functions.html.charts import Bar, Interval, bars, intervals
from functions.html.markup import (
    count,
    document,
    failures,
    isolated,
    paragraph,
    probability,
    section,
    share,
    span,
    text,
)
from functions.scoring.csv.rejects import MOST_LISTED
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
    """Return the page of a scored file, UTF-8; the same bytes for the same input, history and model.

    Parameters
    ----------
    source : Source
    tally : Tally
        Of the whole file.
    summary : mapping
        Of the same file.
    manifest : Manifest
        Of the model that scored it.
    """
    return rendered(report_data(source, tally, summary, manifest)).encode()


def rendered(data: ReportData) -> str:
    """Return the page as HTML."""
    sections = [
        ("forecast", f"Failures expected in {data.manifest.horizon_days} days", _forecast(data)),
        ("risk", "Risk", _risk(data)),
        ("worst", _worst_title(data), _worst(data)),
        ("models", "By drive model", _models(data)),
        ("quality", "Data quality", _quality(data)),
        ("history", "History", _history(data)),
        ("challenger", "Challenger", challenger_section(data.challenger)),
        ("model", f"Model {data.manifest.version}", _model(data.manifest)),
    ]
    links = "".join(
        f'<a href="#{anchor}">{text(title)}</a>' for anchor, title, content in sections if content
    )
    body = [
        f"<header><h1>{isolated(data.source.name)}</h1>",
        f'<p class="lead">{_lead(data)}</p>',
        _tiles(data),
        f"<nav>{links}</nav></header>",
        *(section(anchor, title, content) for anchor, title, content in sections),
        _footer(data),
    ]
    return document(f"Drive failure forecast: {data.source.name}", "\n".join(body))


def _footer(data: ReportData) -> str:
    sentences = (
        f"Drivecast · {isolated(data.source.name)} · {count(data.source.bytes)} bytes · ETag {_etag(data)} · "
        f"model {text(data.manifest.version)}"
    )
    return f'<footer class="caption">{sentences}</footer>'


def _etag(data: ReportData) -> str:
    return isolated(data.source.etag.strip('"')[:_ETAG])


def _lead(data: ReportData) -> str:
    if not data.accepted:
        return "No row of this file could be scored, or it has none."
    drives = f"{count(data.fleet.drives)} drives on {text(data.date)}"
    return f"{drives} · model {text(data.manifest.version)} · ETag {_etag(data)}"


def _tiles(data: ReportData) -> str:
    days = data.manifest.horizon_days
    tiles = [
        (
            failures(data.fleet.expected),
            f"failures expected in {days} days",
            f"95 % interval: {span(data.fleet.interval)}",
            "",
        ),
        *(
            (
                count(data.fleet.risk[name]),
                f"{'drives at ' if name != 'unknown' else 'drives of '}{name} risk",
                ADVICE[name],
                name,
            )
            for name in ("critical", "high", "medium")
        ),
    ]
    listed = "".join(
        f'<div class="tile {kind}"><b>{text(value)}</b>{text(what)}<span>{text(more)}</span></div>'
        for value, what, more, kind in tiles
    )
    return f'<div class="tiles">{listed}</div>'


def _forecast(data: ReportData) -> str:
    if not data.fleet.drives:
        return ""
    parts = [
        paragraph(
            f"Of {count(data.fleet.drives)} drives seen on {data.date}, {failures(data.fleet.expected)} "
            f"are expected to fail within {data.manifest.horizon_days} days; with a chance of 95 % "
            f"it will be {span(data.fleet.interval)}."
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
    return "".join(parts)


def _risk(data: ReportData) -> str:
    if not data.fleet.drives:
        return ""
    by_level = [Bar(name, data.fleet.risk[name], count(data.fleet.risk[name]), name) for name in WORST_FIRST]
    by_probability = [Bar(label, drives, count(drives), "blue") for label, drives in data.histogram]
    limits = data.manifest.thresholds
    return (
        '<div class="pair"><div>'
        + bars(by_level, "Drives by risk level", logarithmic=True)
        + paragraph(
            f"Drives by level: medium from {probability(limits.medium)}, high from "
            f"{probability(limits.high)}, critical from {probability(limits.critical)}.",
            "caption",
        )
        + "</div><div>"
        + bars(by_probability, "Drives by probability of failing", logarithmic=True)
        + paragraph("Drives by probability of failing; those of unknown risk are left out.", "caption")
        + "</div></div>"
        + paragraph("Lengths are logarithmic, so that a few drives among many can be seen.", "caption")
    )


def _worst_title(data: ReportData) -> str:
    drives = len(data.worst)
    return f"The {count(drives)} drives most at risk" if drives > 1 else "The drive most at risk"


def _worst(data: ReportData) -> str:
    if not data.worst:
        return ""
    note = "Reasons are given from medium risk on: the attributes that raise the risk most, strongest first."
    return worst_table(data.worst) + paragraph(note, "caption")


def _models(data: ReportData) -> str:
    if not data.models:
        return ""
    rows = [Interval(one.name, one.expected, *one.interval) for one in data.models[:_DRAWN]]
    chart = intervals(rows, "Failures expected by drive model, with 95 % intervals")
    drawn = f"The {_DRAWN} with most; all" if len(data.models) > _DRAWN else "All"
    note = f"{drawn} {count(len(data.models))} drive models are in the table."
    if data.others:
        note += (
            f" Counted apart are the {count(len(data.models))} models whose names come first; the others are "
            "one line."
        )
    return chart + paragraph(note, "caption") + models_table(data)


def _quality(data: ReportData) -> str:
    rejected = data.lines - data.accepted
    sentences = (
        f"{count(data.lines)} data lines: {count(data.accepted)} scored, {count(rejected)} rejected "
        f"({share(rejected, data.lines)})."
    )
    gone = [one for one in data.missing if data.accepted and one.rows == data.accepted]
    absent = "".join(
        paragraph(
            f"No row reports SMART {one.attribute} ({one.name}): the model answers without it. Check whether "
            "the column was left out of the export.",
            "warning",
        )
        for one in gone
    )
    which = "Rejected lines are" if rejected <= MOST_LISTED else f"The first {count(MOST_LISTED)} of them are"
    below = paragraph(f"{which} in the rejects CSV, each with its line number and reason.", "caption")
    return (
        paragraph(sentences)
        + rejects_table(data)
        + (below if rejected else "")
        + ("<h3>Missing attributes</h3>" if data.accepted else "")
        + absent
        + (missing_table(data) if data.accepted else "")
    )


def _history(data: ReportData) -> str:
    if not data.accepted:
        return ""
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
    return paragraph(sentences) + history_table(data)


def _model(manifest: Manifest) -> str:
    protocol = manifest.metrics.get("protocol")
    sentences = protocol if isinstance(protocol, str) else "Its manifest records no forward test."
    return paragraph(f"{manifest.algorithm}.") + paragraph(sentences)
