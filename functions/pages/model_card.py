"""The card of a model version as an HTML page, made from its manifest alone.

Every model comes with a manifest, packaged or fetched from the container: the card shows the model that
answers and needs neither card.md nor a Markdown renderer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from functions.html.markup import (
    NOTHING,
    Markup,
    Tile,
    element,
    facts,
    join,
    paragraph,
    table,
    text,
    tiles,
)
from functions.html.numbers import DASH, number, percent
from functions.http.openapi_document import PREFIX
from functions.pages.model_quality import LEVELS, quality, scopes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from functions.scoring.model.manifest import Manifest


def card(manifest: Manifest, aliases: Sequence[str]) -> str:
    """Return the page; metrics and lineage are shown as far as they are of the shape that training writes."""
    title = f"Model {manifest.version}"
    known_as = f" · {', '.join(aliases)}" if aliases else ""
    main = [
        element("h1", text(title), element("small", text(known_as))),
        paragraph(manifest.title or manifest.algorithm, "lead"),
        paragraph(f"{manifest.algorithm}.") if manifest.title else NOTHING,
        _meaning(manifest),
        scopes(manifest),
        quality(manifest),
        _results(manifest),
        _thresholds(manifest),
        _features(manifest),
        _lineage(manifest),
        element("h2", "Made with"),
        facts(manifest.libraries),
        element("h2", "Files"),
        table(("file", "sha256"), sorted(manifest.files.items()), "digests"),
    ]
    head = [
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", text(title), " · Drivecast"),
        element("base", href=f"{PREFIX}/"),
        element("link", rel="icon", href="pages/icon.svg"),
        element("link", rel="stylesheet", href="pages/page.css"),
    ]
    links = element("nav", element("a", "Forecast", href="./"), element("a", "API", href="docs"))
    header = element("header", element("a", "Drivecast", class_="brand", href="./"), links)
    body = element("body", header, element("main", join(main, "\n")))
    return f"<!doctype html>\n{element('html', element('head', join(head, '\n')), body, lang='en')}\n"


def _meaning(manifest: Manifest) -> Markup:
    attributes = sorted({feature.attribute for feature in manifest.features})
    return paragraph(
        f"The probability that a drive fails within {manifest.horizon_days} days after the day of its "
        f"telemetry, from {len(manifest.features)} features made of SMART attributes "
        f"{', '.join(map(str, attributes))}."
    )


def _results(manifest: Manifest) -> Markup:
    metrics = manifest.metrics
    recalls = _mapping(metrics.get("recall_at_fpr"))
    rows = _mapping(metrics.get("row_level"))
    interval = metrics.get("average_precision_95")
    within = ""
    banded = manifest.quality is not None and bool(manifest.quality.bands)
    if isinstance(interval, list) and len(interval) == 2:  # noqa: PLR2004 - low and high
        within = f", 95 % interval {number(interval[0])} to {number(interval[1])}"
    shown = [
        (number(metrics.get("average_precision")), f"average precision per drive{within}"),
        (percent(metrics.get("prevalence"), 2), "prevalence per drive: the average precision of chance"),
        *((percent(recall, 1), f"recall at {percent(_float(rate), 2)} false alarms")
          for rate, recall in recalls.items()),
        (number(metrics.get("roc_auc")), "ROC-AUC"),
        # Most drive-days share one probability, which empties ECE; bands say more, where there are any.
        (DASH if banded else number(rows.get("ece"), 5), "calibration error of drive-days (ECE)"),
        (number(rows.get("brier"), 5), "Brier score of drive-days"),
        (percent(manifest.base_rate, 2), "of the test period's drive-days came before a failure"),
    ]  # fmt: skip
    protocol = metrics.get("protocol")
    measured = paragraph(protocol) if isinstance(protocol, str) else NOTHING
    known = tiles(Tile(value, meaning) for value, meaning in shown if value != DASH)
    return join(
        [
            element("h2", "Results of the test period"),
            measured,
            known,
            _decisions(_mapping(metrics.get("decisions"))),
        ]
    )


def _decisions(decisions: Mapping[str, Any]) -> Markup:
    if not decisions:
        return NOTHING
    headings = ("level", "threshold", "alerts", "true", "false", "precision", "recall", "F1", "lift",
                "on time", "median lead, days")  # fmt: skip
    rows = []
    for level in (level for level in LEVELS if level in decisions):
        one = _mapping(decisions[level])
        rows.append(
            (
                level,
                number(one.get("threshold"), 4),
                *(number(one.get(name), 0) for name in ("alerts", "true_positives", "false_positives")),
                *(percent(one.get(name), 1) for name in ("precision", "recall")),
                number(one.get("f1")),
                number(one.get("lift"), 1),
                percent(one.get("on_time_rate"), 0),
                number(one.get("median_lead_days"), 0),
            )
        )
    rule = paragraph(
        "One decision per drive, at the thresholds of the model that was tested. On time: flagged no "
        "earlier than a horizon before the failure."
    )
    return join([element("h3", "Decisions on the test period"), rule, table(headings, rows, "numbers")])


def _thresholds(manifest: Manifest) -> Markup:
    chosen = manifest.thresholds
    budgets = chosen.alerts_per_10000_a_month
    rows = [(level, number(getattr(chosen, level), 4), number(budgets.get(level), 1)) for level in LEVELS]
    rule = paragraph(
        "The thresholds that are served. Each was chosen for a number of drives that reach it for the first "
        "time within 30 days."
    )
    listed = table(("level", "from probability", "drives of 10,000 a month"), rows, "numbers")
    return join([element("h2", "Risk levels"), rule, listed])


def _features(manifest: Manifest) -> Markup:
    rows = [
        (
            feature.name,
            feature.meaning,
            feature.unit,
            f"{feature.range[0]:g} to {feature.range[1]:g}" if feature.range != (0.0, 0.0) else "",
        )
        for feature in manifest.features
    ]
    headings = ("feature", "meaning", "unit", "range in training")
    return join([element("h2", "Features"), table(headings, rows, "wordy")])


def _lineage(manifest: Manifest) -> Markup:
    lineage = manifest.lineage
    simple = {
        name.replace("_", " "): f"{value:,}" if isinstance(value, int) else str(value)
        for name, value in lineage.items()
        if isinstance(value, int | float | str)
    }
    sources = [
        (str(source.get("name", "")), number(source.get("bytes"), 0), str(source.get("sha256", "")))
        for source in lineage.get("sources") or ()
        if isinstance(source, Mapping)
    ]
    listed = table(("source", "bytes", "sha256"), sources, "digests") if sources else NOTHING
    return join([element("h2", "Training data"), facts(simple), listed])


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _float(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
