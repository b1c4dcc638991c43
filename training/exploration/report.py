"""The figures of a survey as one HTML report."""

from __future__ import annotations

from html import escape

from functions.scoring.smart import ATTRIBUTES
from training.exploration.correlation import FEWEST_PAIRS
from training.exploration.heatmap import heatmap
from training.exploration.histogram_chart import histogram_card
from training.exploration.page import page, table, tile
from training.exploration.rate_chart import rate_table
from training.exploration.survey import Survey
from training.exploration.wording import percent
from training.protocol.labels import HORIZON_DAYS

MODELS_SHOWN = 25
"""Drive models above the fold; the others can be unfolded."""

_FEW = 10


def report_html(found: Survey) -> str:
    """Return the report; the same survey gives the same bytes."""
    return page(
        "What the telemetry holds",
        _lead(found),
        [
            ("Class balance", _balance(found)),
            ("Missing values", _missing(found)),
            ("Values", _values(found)),
            ("Correlation", _correlation(found)),
            ("Failures by drive model", _models(found)),
            ("Failures by age", _ages(found)),
            ("Lineage", _lineage(found)),
        ],
    )


def _lead(found: Survey) -> str:
    counts = found.lineage
    labelled = sum(period.labelled for period in found.periods)
    positives = sum(period.positives for period in found.periods)
    tiles = [
        tile(f"{counts['drives']:,}", "drives"),
        tile(f"{counts['drive_models']:,}", "drive models"),
        tile(f"{counts['rows']:,}", "drive-days"),
        tile(f"{counts['failures']:,}", "drives with a failure"),
        tile(percent(positives / labelled if labelled else None, 3), f"prevalence at {HORIZON_DAYS} days"),
    ]
    dates = f"{counts['first_date']} to {counts['last_date']}" if counts["rows"] else "no drive-day"
    names = [escape(source["name"]) for source in counts["sources"]]
    more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""  # noqa: PLR2004 - the first three
    notes = "".join(f'<p class="quiet">Note: {escape(note)}.</p>' for note in found.read.notes())
    return (
        f"<p>Drive telemetry from <b>{dates}</b>, out of {', '.join(names[:3])}{more}.</p>"
        f'<div class="tiles">{"".join(tiles)}</div>{notes}'
    )


def _balance(found: Survey) -> str:
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
    return (
        f"<p>A drive-day is positive when its drive fails within the next {HORIZON_DAYS} days. The outcome "
        f"is not known in the last {HORIZON_DAYS} days of a period, nor of drives that left without failing."
        "</p>" + table([*head, "Prevalence"], rows)
    )


def _missing(found: Survey) -> str:
    heads = [f"{period.first} to {period.last}" for period in found.periods]
    rows = []
    for attribute, shares in zip(found.attributes, found.missing.tolist(), strict=True):
        rows.append([escape(f"{attribute} {ATTRIBUTES[attribute].name}"), *map(_missing_bar, shares)])
    others = f" The files have {found.others} other attributes, which are not read." if found.others else ""
    return (
        "<p>Share of drive-days without a value. Which attributes a drive reports is its maker's choice, so "
        f"what is missing is missing by drive model.{others}</p>" + table(["Attribute", *heads], rows)
    )


def _missing_bar(share: float) -> str:
    bar = f'<u><i style="width:{100 * share:.1f}%"></i></u>'
    return f'<span class="fill">{bar}<em>{percent(share, 1)}</em></span>'


def _values(found: Survey) -> str:
    if not found.histograms:
        return "<p>No attribute has a value.</p>"
    known = any(period.labelled for period in found.periods)
    if known:
        key = (
            f'<p class="quiet"><span class="key calm"></span>drives that go on for {HORIZON_DAYS} days'
            f'<span class="key alarm"></span>drives that fail within {HORIZON_DAYS} days</p>'
        )
    else:
        key = (
            f'<p class="quiet">All drive-days: no outcome is known yet, that takes more than {HORIZON_DAYS} '
            "days of telemetry.</p>"
        )
    cards = "".join(histogram_card(histogram) for histogram in found.histograms)
    return (
        "<p>Decoded values. Each bar is the share of its class's drive-days, both axes are logarithmic; a "
        "counter's first bar is zero, each later one doubles. Temperatures are in steps of 2 degrees.</p>"
        f'{key}<div class="cards">{cards}</div>'
    )


def _correlation(found: Survey) -> str:
    names = [(str(a), f"{a} {ATTRIBUTES[a].name}") for a in found.attributes]
    names.append(("fails", f"fails within {HORIZON_DAYS} days"))
    legend = "".join(f"<li>{escape(long)}</li>" for _, long in names[:-1])
    return (
        "<p>Pearson's correlation of log(1 + value), over drive-days on which both are reported. The last "
        f"row and column is the label: fails within {HORIZON_DAYS} days. A dot: one of them never changes, "
        f"or fewer than {FEWEST_PAIRS} drive-days have both.</p>"
        + heatmap(names, found.correlation)
        + f"<details><summary>Attributes by number</summary><ul>{legend}</ul></details>"
    )


def _models(found: Survey) -> str:
    shown, folded = found.by_model[:MODELS_SHOWN], found.by_model[MODELS_SHOWN:]
    rest = ""
    if folded:
        rest = (
            f"<details><summary>{len(folded)} more drive models</summary>{rate_table('Drive model', folded)}"
            "</details>"
        )
    return (
        "<p>Failures per drive and year: failures / drive-days &times; 365, with the exact 95 % interval of "
        "a Poisson count, on a logarithmic scale. Drive models with the most drive-days come first.</p>"
        + rate_table("Drive model", shown)
        + rest
    )


def _ages(found: Survey) -> str:
    few = [rate for rate in found.by_age if rate.failures < _FEW]
    note = f" Groups with fewer than {_FEW} failures say little: see their intervals." if few else ""
    return (
        "<p>By time in use (power-on hours) on the day. Older drives are other models, not the same drives "
        f"later.{note}</p>" + rate_table("Age", found.by_age)
    )


def _lineage(found: Survey) -> str:
    counts = found.lineage
    rows = [
        [escape(source["name"]), f"{source['bytes']:,}", f"<code>{source['sha256']}</code>"]
        for source in counts["sources"]
    ]
    return (
        "<p>Backblaze Drive Stats, unless you know these files to be of another origin (a simulated fleet, "
        f"say). Digest of all files, in order: <code>{counts['digest']}</code></p>"
        f"<p>{found.read.rows_read:,} rows were read from {found.read.files:,} tables; {counts['rows']:,} "
        "drive-days are used.</p>"
        f"<details{'' if len(rows) > _FEW else ' open'}><summary>{len(rows):,} files</summary>"
        + table(["File", "Bytes", "SHA-256"], rows)
        + "</details>"
    )
