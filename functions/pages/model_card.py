"""The card of a model version as an HTML page, made from its manifest alone.

The manifest is what every model comes with, packaged or fetched from the container; so the card shows the
model that answers and needs neither card.md nor a Markdown renderer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from functions.http.openapi_document import PREFIX
from functions.pages.card_tables import facts, number, number_table, percent, table, text, tiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from functions.scoring.model.manifest import Manifest

LEVELS = ("critical", "high", "medium")


def card(manifest: Manifest, aliases: Sequence[str]) -> str:
    """Return the page.

    Parameters
    ----------
    manifest : Manifest
        Its metrics and lineage are shown as far as they are of the shape that training writes.
    aliases : sequence of str
        That point to the version.
    """
    title = f"Model {manifest.version}"
    known_as = f" · {', '.join(aliases)}" if aliases else ""
    parts = [
        f"<h1>{text(title)}<small>{text(known_as)}</small></h1>",
        f'<p class="lead">{text(manifest.algorithm)}</p>',
        _what_it_is(manifest),
        _results(manifest),
        _thresholds(manifest),
        _features(manifest),
        _lineage(manifest),
        "<h2>Made with</h2>",
        facts(manifest.libraries),
        "<h2>Files</h2>",
        table(("file", "sha256"), sorted(manifest.files.items()), "digests"),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{text(title)} · Drivecast</title>\n<base href="{PREFIX}/">\n'
        '<link rel="icon" href="pages/icon.svg">\n<link rel="stylesheet" href="pages/page.css">\n</head>\n'
        '<body>\n<header><a class="brand" href="./">Drivecast</a>\n'
        '<nav><a href="./">Forecast</a><a href="docs">API</a></nav></header>\n'
        f"<main>\n{'\n'.join(part for part in parts if part)}\n</main>\n</body>\n</html>\n"
    )


def _what_it_is(manifest: Manifest) -> str:
    attributes = sorted({feature.attribute for feature in manifest.features})
    return (
        f"<p>The probability that a drive fails within {manifest.horizon_days} days after the day of its "
        f"telemetry, from {len(manifest.features)} features made of SMART attributes "
        f"{text(', '.join(map(str, attributes)))}. A drive that reports none of "
        f"{text(', '.join(map(str, manifest.evidence)))} gets the risk unknown.</p>"
    )


def _results(manifest: Manifest) -> str:
    metrics = manifest.metrics
    recalls = _mapping(metrics.get("recall_at_fpr"))
    rows = _mapping(metrics.get("row_level"))
    interval = metrics.get("average_precision_95")
    within = ""
    if isinstance(interval, list) and len(interval) == 2:  # noqa: PLR2004 - low and high
        within = f", 95 % interval {number(interval[0])} to {number(interval[1])}"
    shown = [
        (number(metrics.get("average_precision")), f"average precision per drive{within}"),
        (percent(metrics.get("prevalence"), 2), "prevalence per drive: the average precision of chance"),
        *((percent(recall, 1), f"recall at {percent(_float(rate), 2)} false alarms")
          for rate, recall in recalls.items()),
        (number(metrics.get("roc_auc")), "ROC-AUC"),
        (number(rows.get("ece"), 5), "calibration error of drive-days (ECE)"),
        (number(rows.get("brier"), 5), "Brier score of drive-days"),
        (percent(manifest.base_rate, 2), "of the test period's drive-days came before a failure"),
    ]  # fmt: skip
    protocol = metrics.get("protocol")
    caption = f"<p>{text(protocol)}</p>" if isinstance(protocol, str) else ""
    return f"<h2>Results</h2>{caption}{tiles(shown)}{_decisions(_mapping(metrics.get('decisions')))}"


def _decisions(decisions: Mapping[str, Any]) -> str:
    if not decisions:
        return ""
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
    return (
        "<h3>Decisions on the test period</h3>"
        "<p>One decision per drive, at the thresholds of the model that was tested. On time: flagged no "
        "earlier than a horizon before the failure.</p>" + number_table(headings, rows)
    )


def _thresholds(manifest: Manifest) -> str:
    chosen = manifest.thresholds
    budgets = chosen.alerts_per_10000_a_month
    rows = [(level, number(getattr(chosen, level), 4), number(budgets.get(level), 1)) for level in LEVELS]
    return (
        "<h2>Risk levels</h2><p>The thresholds that are served. Each was chosen for a number of drives that "
        "reach it for the first time within 30 days.</p>"
        + number_table(("level", "from probability", "drives of 10,000 a month"), rows)
    )


def _features(manifest: Manifest) -> str:
    rows = [
        (
            feature.name,
            feature.meaning,
            feature.unit,
            f"{feature.range[0]:g} to {feature.range[1]:g}" if feature.range != (0.0, 0.0) else "",
        )
        for feature in manifest.features
    ]
    return "<h2>Features</h2>" + table(("feature", "meaning", "unit", "range in training"), rows, "wordy")


def _lineage(manifest: Manifest) -> str:
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
    listed = table(("source", "bytes", "sha256"), sources, "digests") if sources else ""
    return f"<h2>Training data</h2>{facts(simple)}{listed}"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _float(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
