"""The figures of a survey as one HTML report."""

from __future__ import annotations

from pathlib import Path

from functions.html.markup import (
    Markup,
    Section,
    Tile,
    document,
    element,
    escape,
    join,
    paragraph,
    table,
    tiles,
)
from functions.scoring.smart import ATTRIBUTES
from training.exploration.correlation import FEWEST_PAIRS
from training.exploration.heatmap import heatmap
from training.exploration.histogram_chart import histogram_card
from training.exploration.rate_chart import rate_table
from training.exploration.survey import Survey
from training.exploration.wording import percent
from training.protocol.labels import HORIZON_DAYS

MODELS_SHOWN = 25
"""Drive models above the fold; the others can be unfolded."""

_FEW = 10


def report_html(found: Survey) -> str:
    """Return the report; equal surveys give equal bytes."""
    sections = [
        Section("class-balance", "Class balance", _balance(found)),
        Section("missing-values", "Missing values", _missing(found)),
        Section("values", "Values", _values(found)),
        Section("correlation", "Correlation", _correlation(found)),
        Section("failures-by-drive-model", "Failures by drive model", _models(found)),
        Section("failures-by-age", "Failures by age", _ages(found)),
        Section("lineage", "Lineage", _lineage(found)),
    ]
    style = Path(__file__).with_name("exploration.css").read_text(encoding="utf-8")
    title = "Telemetry in figures"
    return document(title, [element("h1", title), *_header(found)], sections, style=style)


def _header(found: Survey) -> list[Markup]:
    counts = found.lineage
    labelled = sum(period.labelled for period in found.periods)
    positives = sum(period.positives for period in found.periods)
    figures = [
        Tile(f"{counts['drives']:,}", "drives"),
        Tile(f"{counts['drive_models']:,}", "drive models"),
        Tile(f"{counts['rows']:,}", "drive-days"),
        Tile(f"{counts['failures']:,}", "drives with a failure"),
        Tile(percent(positives / labelled if labelled else None, 3), f"prevalence at {HORIZON_DAYS} days"),
    ]
    dates = f"{counts['first_date']} to {counts['last_date']}" if counts["rows"] else "no drive-day"
    names = [source["name"] for source in counts["sources"]]
    more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""  # noqa: PLR2004 - the first three
    lead = ["Drive telemetry from ", element("b", dates), f", out of {', '.join(names[:3])}{more}."]
    notes = (paragraph(f"Note: {note}.", "soft") for note in found.read.notes())
    return [paragraph(join(lead)), tiles(figures), *notes]


def _balance(found: Survey) -> Markup:
    rows = [
        [
            f"{period.first} to {period.last}",
            f"{period.days:,} of {period.span:,}",
            f"{period.drives:,}",
            f"{period.drive_days:,}",
            f"{period.failures:,}",
            f"{period.labelled:,}",
            f"{period.positives:,}",
            percent(period.prevalence, 3),
        ]
        for period in found.periods
    ]
    head = ["Period", "Days", "Drives", "Drive-days", "Failures", "Known outcome", "Followed by a failure"]
    rule = paragraph(
        f"A drive-day is positive when its drive fails within the next {HORIZON_DAYS} days. The outcome is "
        f"not known in the last {HORIZON_DAYS} days of a period, nor of drives that left without failing."
    )
    return join([rule, table([*head, "Prevalence"], rows)])


def _missing(found: Survey) -> Markup:
    heads = [f"{period.first} to {period.last}" for period in found.periods]
    rows = []
    for attribute, shares in zip(found.attributes, found.missing.tolist(), strict=True):
        rows.append([f"{attribute} {ATTRIBUTES[attribute].name}", *map(_missing_bar, shares)])
    others = f" The files have {found.others} other attributes, which are not read." if found.others else ""
    rule = paragraph(
        "Share of drive-days without a value. Which attributes a drive reports is its maker's choice, so "
        f"what is missing is missing by drive model.{others}"
    )
    return join([rule, table(["Attribute", *heads], rows)])


def _missing_bar(share: float) -> Markup:
    bar = element("u", element("i", style=f"width:{100 * share:.1f}%"))
    return element("span", bar, element("em", percent(share, 1)), class_="fill")


def _values(found: Survey) -> Markup:
    if not found.histograms:
        return paragraph("No attribute has a value.")
    if any(period.labelled for period in found.periods):
        calm, alarm = (element("span", class_=f"key {kind}") for kind in ("calm", "alarm"))
        goes_on = f"drives that go on for {HORIZON_DAYS} days"
        key = join([calm, goes_on, alarm, f"drives that fail within {HORIZON_DAYS} days"])
    else:
        key = escape(
            f"All drive-days: no outcome is known yet; that takes more than {HORIZON_DAYS} days of data."
        )
    rule = paragraph(
        "Decoded values. Each bar is the share of its class's drive-days, both axes are logarithmic; a "
        "counter's first bar is zero, each later one doubles. Temperatures are in steps of 2 degrees."
    )
    cards = element("div", *map(histogram_card, found.histograms), class_="cards")
    return join([rule, paragraph(key, "soft"), cards])


def _correlation(found: Survey) -> Markup:
    names = [(str(a), f"{a} {ATTRIBUTES[a].name}") for a in found.attributes]
    names.append(("fails", f"fails within {HORIZON_DAYS} days"))
    rule = paragraph(
        "Pearson's correlation of log(1 + value), over drive-days on which both are reported. The last row "
        f"and column is the label: fails within {HORIZON_DAYS} days. A dot: one of them never changes, or "
        f"fewer than {FEWEST_PAIRS} drive-days have both."
    )
    legend = element("ul", *(element("li", long) for _, long in names[:-1]))
    return join([rule, heatmap(names, found.correlation), _fold("Attributes by number", legend)])


def _models(found: Survey) -> Markup:
    shown, folded = found.by_model[:MODELS_SHOWN], found.by_model[MODELS_SHOWN:]
    rule = paragraph(
        "Failures per drive and year: failures / drive-days * 365, with the exact 95 % interval of a Poisson "
        "count, on a logarithmic scale. Drive models with the most drive-days come first."
    )
    parts = [rule, rate_table("Drive model", shown)]
    if folded:
        parts.append(_fold(f"{len(folded)} more drive models", rate_table("Drive model", folded)))
    return join(parts)


def _ages(found: Survey) -> Markup:
    few = [rate for rate in found.by_age if rate.failures < _FEW]
    note = f" Groups with fewer than {_FEW} failures say little: see their intervals." if few else ""
    rule = paragraph(
        "By time in use (power-on hours) on the day. Older drives are other models, not the same drives "
        f"later.{note}"
    )
    return join([rule, rate_table("Age", found.by_age)])


def _lineage(found: Survey) -> Markup:
    counts = found.lineage
    rows = [
        [source["name"], f"{source['bytes']:,}", element("code", source["sha256"])]
        for source in counts["sources"]
    ]
    origin = (
        "Backblaze Drive Stats, unless you know these files to be of another origin (a simulated fleet, "
        "say). Digest of all files, in order: "
    )
    digest = element("code", counts["digest"])
    used = (
        f"{found.read.rows_read:,} rows were read from {found.read.files:,} tables; {counts['rows']:,} "
        "drive-days are used."
    )
    files = _fold(
        f"{len(rows):,} files", table(["File", "Bytes", "SHA-256"], rows), unfolded=len(rows) <= _FEW
    )
    return join([paragraph(join([origin, digest])), paragraph(used), files])


def _fold(summary: str, content: Markup, *, unfolded: bool = False) -> Markup:
    return element("details", element("summary", summary), content, open="" if unfolded else None)
