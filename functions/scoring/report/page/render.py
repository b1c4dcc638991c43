"""``<path>.report.html``: a scored file for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from functions.html.charts import Bar, Interval, bars, intervals
from functions.html.markup import (
    NOTHING,
    Markup,
    Section,
    document,
    element,
    isolate,
    join,
    paragraph,
)
from functions.html.numbers import count, failures, probability, share
from functions.scoring.csv.rejects import MOST_LISTED
from functions.scoring.report.data import ReportData, report_data
from functions.scoring.report.drift import DRIFTED
from functions.scoring.report.page.challenger import challenger_section
from functions.scoring.report.page.headline import forecast, headline_tiles, lead, short_etag
from functions.scoring.report.page.tables import (
    WORST_FIRST,
    drift_table,
    history_table,
    missing_table,
    models_table,
    rejects_table,
    scope_table,
    worst_table,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from functions.scoring.model.manifest import Manifest, Thresholds
    from functions.scoring.report.data import MissingValues
    from functions.scoring.report.tally import Source, Tally

_DRAWN = 12
"""Drive models in the chart; the table has all of them."""

TITLE = "Drive failure forecast"
"""Beginning of the title of every page."""


def report_page(source: Source, tally: Tally, summary: Mapping[str, Any], manifest: Manifest) -> bytes:
    """Return the page of a whole scored file, UTF-8; equal bytes for equal input, history and model."""
    return render(report_data(source, tally, summary, manifest)).encode()


def render(data: ReportData) -> str:
    """Return the page as HTML."""
    days = data.manifest.horizon_days
    sections = [
        Section("forecast", f"Failures expected in {days} days", forecast(data)),
        Section("scopes", "How well the model knows the drives", _scopes(data)),
        Section("risk", "Risk", _risk(data)),
        Section("worst", _worst_title(data), _worst(data)),
        Section("models", "By drive model", _models(data)),
        Section("quality", "Data quality", _quality(data)),
        Section("history", "History", _history(data)),
        Section("challenger", "Challenger", challenger_section(data.challenger)),
        Section("model", f"Model {data.manifest.version}", _model(data.manifest)),
    ]
    header = [element("h1", isolate(data.source.name)), paragraph(lead(data), "lead"), headline_tiles(data)]
    return document(f"{TITLE}: {data.source.name}", header, sections, _footer(data))


def _footer(data: ReportData) -> Markup:
    version = f"model {data.manifest.version}"
    parts = [
        "Drivecast",
        isolate(data.source.name),
        f"{count(data.source.bytes)} bytes",
        short_etag(data),
        version,
    ]
    return element("footer", join(parts, " · "), class_="caption")


def _scopes(data: ReportData) -> Markup:
    return scope_table(data) if data.fleet.drives else NOTHING


def _risk(data: ReportData) -> Markup:
    if not data.fleet.drives:
        return NOTHING
    by_level = [Bar(name, data.fleet.risk[name], count(data.fleet.risk[name]), name) for name in WORST_FIRST]
    by_probability = [Bar(label, drives, count(drives), "blue") for label, drives in data.histogram]
    manifest = data.manifest
    limits = _limits(manifest.thresholds)
    similar = limits if manifest.similar is None else _limits(manifest.similar.thresholds)
    apart = "" if similar == limits else f"; of similar drives {similar}"
    levels = paragraph(f"Drives by level: {limits}{apart}.", "caption")
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


def _limits(thresholds: Thresholds) -> str:
    levels = ("medium", "high", "critical")
    return ", ".join(f"{level} from {probability(getattr(thresholds, level))}" for level in levels)


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
    rows = [
        Interval(one.name, one.expected, *one.interval)
        for one in data.models
        if one.expected is not None and one.interval is not None
    ]
    name = "Failures expected by drive model, with 95 % intervals"
    chart = intervals(rows[:_DRAWN], name, failures, least_step=1.0) if rows else NOTHING
    drawn = f"The {_DRAWN} with most; all" if len(rows) > _DRAWN else "All"
    note = f"{drawn} {count(len(data.models))} drive models are in the table."
    if len(rows) < len(data.models):
        note += " Those without a number have no forecast that stands for one."
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
        which = (
            "Rejected lines are" if rejected <= MOST_LISTED else f"The first {count(MOST_LISTED)} of them are"
        )
        below = f"{which} in the rejects CSV, each with its line number and reason."
        parts.append(paragraph(below, "caption"))
    if not data.accepted:
        return join(parts)
    absent = [
        paragraph(
            f"No row reports SMART {one.attribute} ({one.name}): the model answers "
            f"{_instead(one)}. Check whether the column was left "
            "out of the export.",
            "warning",
        )
        for one in data.missing
        if one.rows == data.accepted
    ]
    parts += [element("h3", "Missing attributes"), *absent, missing_table(data)]
    drift = drift_table(data)
    if drift:
        note = (
            "Population stability index: 0 where a feature's values are spread as in training, above "
            f"{DRIFTED:g} where they are another fleet's. Unknown drives are not compared."
        )
        parts += [element("h3", "Drift"), drift, paragraph(note, "caption")]
    return join(parts)


def _instead(one: MissingValues) -> str:
    return f"with SMART {one.stand_in} in its place" if one.replaced else "without it"


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
    named = [paragraph(f"{each}.") for each in (manifest.title, manifest.algorithm) if each]
    return join([*named, paragraph(sentences)])
