"""``evaluation.html``: a version's forward test for people, in one file that loads nothing from elsewhere."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from functions.html.charts import WIDE, Interval, Reference, intervals
from functions.html.markup import (
    NOTHING,
    Markup,
    Section,
    Tile,
    document,
    element,
    join,
    paragraph,
    tiles,
)
from functions.html.numbers import interval, number, percent
from training.reporting.evaluation_file import LEVELS
from training.reporting.page.evaluation_tables import (
    candidates_table,
    decisions_tables,
    drive_models_table,
    parts_table,
    probes_table,
    search_table,
    segments_table,
)
from training.reporting.page.scope_tables import scopes_section, windows_section
from training.reporting.page.spread_tables import horizons_table, seeds_table
from training.reporting.page.timeline import timeline
from training.reporting.page.unseen_tables import elsewhere_section

PAGE_FILE = "evaluation.html"

FIGURES = {
    "precision_recall": (
        "Precision and recall",
        "Every point is a threshold: the share of failing drives flagged, and of flagged drives that fail.",
    ),
    "roc": (
        "ROC",
        "Failing drives flagged against healthy ones flagged, log scale: only the far left is affordable.",
    ),
    "calibration": (
        "Calibration",
        "Drive-days by probability against the share that failed: on the dashed line it means what it says.",
    ),
    "confusion": ("Decisions", "Drives flagged or not at each risk level, and whether they failed."),
    "importance": (
        "Attributes the forecast rests on",
        "Mean size of each SMART attribute's contribution to the log-odds.",
    ),
}
"""Title and meaning of the figures, in the order shown, by file name without its ending."""

_BY_ROW = ("calibration", "importance")
"""Figures of drive-days, where the others count drives."""


def evaluation_page(evaluation: dict[str, Any], figures: Mapping[str, bytes]) -> str:
    """Make the page.

    Parameters
    ----------
    evaluation : dict
        Content of evaluation.json.
    figures : mapping of str to bytes
        PNG by path within the version's folder; what has no title here is shown under its file name.

    Returns
    -------
    str
        HTML, the same for the same evaluation.
    """
    measured_on = caption(evaluation)
    chosen = evaluation["candidates"][evaluation["candidate"]]
    sections = [
        Section("ranking", "Ranking", _ranking(evaluation, measured_on)),
        Section("scopes", "Trained and similar drives", scopes_section(evaluation)),
        Section("windows", "Windows and families", windows_section(evaluation)),
        Section("seeds", "Other seeds", seeds_table(evaluation, _by_precision(evaluation), measured_on)),
        Section("horizons", "Nearer failures", horizons_table(evaluation, measured_on)),
        Section("alarms", "Alarms", decisions_tables(evaluation, measured_on)),
        Section("plots", "Plots", _gallery(figures, measured_on, row_caption(evaluation))),
        Section("segments", "Known and unseen drives", segments_table(evaluation, measured_on)),
        Section("models", "Drive models", drive_models_table(evaluation, measured_on)),
        Section("elsewhere", "Drive models it never saw", elsewhere_section(evaluation)),
        Section("leaks", "Leak probes", probes_table(evaluation)),
        Section("protocol", "Protocol", _protocol(evaluation)),
        Section("search", "Hyperparameters", search_table(evaluation)),
        Section("shipped", "The shipped model", _release(evaluation)),
    ]
    header = [
        element("h1", f"Model {evaluation['version']}"),
        paragraph(chosen["title"], "lead"),
        paragraph(evaluation["summary"]),
        _tiles(chosen),
        paragraph(measured_on, "caption"),
    ]
    style = Path(__file__).with_name("page").joinpath("evaluation.css").read_text(encoding="utf-8")
    title = f"Drivecast model {evaluation['version']}: evaluation"
    return document(title, header, sections, style=style)


def caption(evaluation: dict[str, Any], segment: str = "all_drives") -> str:
    """Return what every figure of the forward test needs beside it: prevalence, split, horizon."""
    protocol = evaluation["protocol"]
    drives = evaluation["candidates"][evaluation["candidate"]][segment]["drives"]
    days = "; ".join(
        f"{period['test'][0]} to {period['test'][1]}" for period in protocol["periods"] if "test" in period
    )
    return (
        f"Prevalence {percent(drives['prevalence'])} ({drives['positives']:,} of {drives['count']:,} "
        f"drives fail) · "
        f"split: forward in time, test {days} · horizon {protocol['horizon_days']} days · one decision per "
        f"drive"
    )


def row_caption(evaluation: dict[str, Any]) -> str:
    """Return what figures of drive-days need beside them."""
    rows = evaluation["candidates"][evaluation["candidate"]]["all_drives"]["rows"]
    split = caption(evaluation).split(" · ")[1:3]
    return " · ".join(
        [
            f"Prevalence {percent(rows['prevalence'], 3)} of {rows['count']:,} drive-days",
            *split,
            "by drive-day",
        ]
    )


def _tiles(figures: dict[str, Any]) -> Markup:
    everything = figures["all_drives"]
    drives, ranges = everything["drives"], everything.get("intervals", {})
    recalls, high = drives["recall_at_fpr"], everything["decisions"].get("high", {})
    spread = interval(ranges.get("average_precision")) or "not computed"
    times, alerts = number(high.get("lift"), 0), number(high.get("alerts_per_10000_month"), 0)
    shown = [
        Tile(
            number(drives["average_precision"]),
            "average precision",
            f"95 %: {spread}; chance {drives['prevalence']:.4f}",
        ),
        Tile(
            percent(recalls.get("0.001"), 0),
            "of failing drives found at 0.1 % false alarms",
            f"at 1 %: {percent(recalls.get('0.01'), 0)}",
        ),
        Tile(
            percent(high.get("precision"), 0),
            "of drives flagged high do fail",
            f"{times} times the prevalence; {alerts} alerts per 10,000 drives a month",
        ),
        Tile(
            f"{number(high.get('median_lead_days'), 0)} days",
            "from first alarm to failure",
            "median of the failing drives flagged high",
        ),
    ]
    return tiles(shown)


def _by_precision(evaluation: dict[str, Any]) -> list[str]:
    def value(name: str) -> float:
        found = evaluation["candidates"][name]["all_drives"]["drives"]["average_precision"]
        return float(found or 0.0)

    return sorted(evaluation["candidates"], key=value, reverse=True)


def _ranking(evaluation: dict[str, Any], measured_on: str) -> Markup:
    own = evaluation["candidate"]
    chance = evaluation["candidates"][own]["all_drives"]["drives"]["prevalence"]
    order = _by_precision(evaluation)
    rows = []
    for name in order:
        figures = evaluation["candidates"][name]
        low, high = figures["all_drives"].get("intervals", {}).get("average_precision") or (None, None)
        value = figures["all_drives"]["drives"]["average_precision"] or 0.0
        rows.append(Interval(figures["title"], value, low, high, "blue" if name == own else "unknown"))
    meaning = f"Average precision per drive with 95 % interval; dashed: chance, the prevalence, {chance:.4f}"
    chart = intervals(
        rows,
        "Average precision of every candidate",
        number,
        layout=WIDE,
        reference=Reference(chance, meaning),
    )
    calibration = paragraph(f"ECE and Brier: {row_caption(evaluation).lower()}.", "caption")
    return join([chart, candidates_table(evaluation, order, measured_on), calibration])


def _gallery(figures: Mapping[str, bytes], by_drive: str, by_row: str) -> Markup:
    by_name = {path.rsplit("/", 1)[-1].removesuffix(".png"): content for path, content in figures.items()}
    order = [*(name for name in FIGURES if name in by_name), *sorted(by_name.keys() - FIGURES.keys())]
    shown = [
        _figure(by_name[name], *FIGURES.get(name, (name, "")), by_row if name in _BY_ROW else by_drive)
        for name in order
    ]
    return element("div", *shown, class_="gallery") if shown else NOTHING


def _figure(content: bytes, title: str, meaning: str, measured_on: str) -> Markup:
    source = f"data:image/png;base64,{base64.b64encode(content).decode()}"
    picture = element("img", alt=title, src=source, loading="lazy")
    below = element("span", measured_on, class_="caption")
    described = element("figcaption", element("strong", f"{title}."), f" {meaning}", below)
    return element("figure", picture, described)


def _protocol(evaluation: dict[str, Any]) -> Markup:
    protocol = evaluation["protocol"]
    horizon = protocol["horizon_days"]
    budgets = ", ".join(f"{level} {protocol['budgets'][level]:g}" for level in LEVELS)
    rules = [
        f"A drive-day is positive when the drive fails within the next {horizon} days.",
        "It is negative when the drive is seen alive after them, and left out otherwise.",
        f"Split: {protocol['split']}; {protocol['held_out_drives']:.0%} of the drives are never trained on.",
        f"Decision: {protocol['decision']}. Prevalence: {protocol['prevalence']}.",
        f"Thresholds: {protocol['thresholds']}: {budgets}. Intervals: {protocol['intervals']}.",
    ]
    rules += [
        f"The linear member alone learns from more, each row weighing {extra['weight']:g}: {extra['name']}, "
        f"{extra['days'][0]} to {extra['days'][1]}, {extra['drives']:,} drives, "
        f"{extra['failing_drives']:,} of which fail; never part of validation and test."
        for extra in protocol.get("beside", [])
    ]
    listed = element("ul", *(element("li", rule) for rule in rules))
    drawn = timeline(protocol["periods"], horizon, "Days of train, validation and test")
    pale = f"Pale: the {horizon} days a part's labels look ahead; no later part begins in them."
    return join([listed, drawn, paragraph(pale, "caption"), parts_table(protocol)])


def _release(evaluation: dict[str, Any]) -> Markup:
    parts = [paragraph(evaluation["release"]["note"])]
    parity = evaluation.get("parity")
    if parity:
        rows = ", ".join(f"{count:,} of {kind}" for kind, count in parity["rows"].items())
        parts.append(
            paragraph(
                f"ONNX Runtime and scikit-learn differ by at most "
                f"{parity['largest_difference_in_probability']:.2g} in probability, over these rows: {rows}. "
                f"Base value and contributions differ from the log-odds by at most "
                f"{parity['largest_difference_of_explanation_in_log_odds']:.2g}."
            )
        )
    return join(parts)
