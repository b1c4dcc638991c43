"""The figures of two versions beside each other: rows of a table, and a plot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from training.reporting.evaluation_file import LEVELS, Evaluated
from training.reporting.figures import png

_COLOURS = ("#8a8f98", "#1f5fa8")


class Row(NamedTuple):
    """One figure of both versions; None where a version has none."""

    group: str
    name: str
    values: tuple[float | None, float | None]
    intervals: tuple[tuple[float, float] | None, tuple[float, float] | None] = (None, None)
    digits: int = 3


def rows(first: Evaluated, second: Evaluated) -> Iterator[Row]:
    """Yield every figure that both protocols report, in the order they are shown."""
    pair = (first.figures, second.figures)

    def values(*path: str) -> tuple[float | None, float | None]:
        found: list[float | None] = []
        for figures in pair:
            value: object = figures
            for key in path:
                value = value.get(key) if isinstance(value, dict) else None
            found.append(float(value) if isinstance(value, int | float) else None)
        return found[0], found[1]

    def intervals(name: str) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
        found = [figures["all_drives"].get("intervals", {}).get(name) for figures in pair]
        kept = [(float(one[0]), float(one[1])) if one else None for one in found]
        return kept[0], kept[1]

    drives = ("all_drives", "drives")
    group = "ranking, by drive"
    yield Row(group, "prevalence", values(*drives, "prevalence"), digits=4)
    yield Row(
        group, "average precision", values(*drives, "average_precision"), intervals("average_precision")
    )
    for rate in ("0.0002", "0.001", "0.01"):
        name = f"recall at FPR {float(rate):.2%}"
        yield Row(group, name, values(*drives, "recall_at_fpr", rate), intervals(f"recall_at_fpr_{rate}"))
    yield Row(group, "ROC-AUC", values(*drives, "roc_auc"), intervals("roc_auc"))
    group = "average precision in part"
    for segment, title in (("known_drives", "known drives"), ("unseen_drives", "unseen drives")):
        yield Row(group, title, values(segment, "drives", "average_precision"))
    yield Row(group, "last row per drive", values("last_row_per_drive", "average_precision"))
    yield Row(group, "without history", values("without_history", "average_precision"))
    group = "probability, by drive-day"
    yield Row(group, "Brier", values("all_drives", "rows", "brier"), digits=5)
    yield Row(group, "ECE", values("all_drives", "rows", "ece"), digits=5)
    for level in LEVELS:
        group = f"alarms at {level}"
        found = ("all_drives", "decisions", level)
        yield Row(group, "alerts per 10,000 a month", values(*found, "alerts_per_10000_month"), digits=1)
        for name in ("precision", "recall"):
            yield Row(group, name, values(*found, name), intervals(f"{name}_{level}"))
        yield Row(group, "lift", values(*found, "lift"), digits=1)
        yield Row(group, "median lead, days", values(*found, "median_lead_days"), digits=0)


def plot(first: Evaluated, second: Evaluated) -> bytes:
    """Draw both versions side by side with their 95 % intervals; PNG."""
    shown = [row for row in rows(first, second) if row.intervals != (None, None) and row.name != "ROC-AUC"]
    panels = {
        "Ranking, by drive": [row for row in shown if row.group == "ranking, by drive"],
        "Alarms at the versions' thresholds": [row for row in shown if row.group != "ranking, by drive"],
    }
    figure = Figure(figsize=(11, 4.8), layout="constrained")
    for axes, (title, part) in zip(figure.subplots(1, 2), panels.items(), strict=True):
        for index, (version, colour) in enumerate(zip((first, second), _COLOURS, strict=True)):
            at = np.arange(len(part)) + (index - 0.5) * 0.38
            value = np.array([row.values[index] or 0.0 for row in part])
            edges = np.array([row.intervals[index] or (v, v) for row, v in zip(part, value, strict=True)])
            # A percentile interval may leave out the figure itself; a bar has no negative length.
            error = np.maximum([value - edges[:, 0], edges[:, 1] - value], 0) if len(part) else None
            axes.bar(at, value, 0.36, color=colour, label=version.version)
            if error is not None:
                axes.errorbar(at, value, yerr=error, fmt="none", ecolor="#333333", capsize=2, linewidth=1)
        names = [
            row.name if row.group == "ranking, by drive" else f"{row.name}, {row.group[10:]}" for row in part
        ]
        axes.set_xticks(np.arange(len(part)), names, rotation=25, ha="right", fontsize=8)
        axes.set(title=title, ylim=(0, None))
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", alpha=0.25)
        axes.legend(frameon=False)
    figure.supxlabel(caption(first, second), fontsize=8.5, color="#444444")
    return png(figure)


def caption(first: Evaluated, second: Evaluated) -> str:
    """Return what is needed to read the figures: prevalence, days and horizon, of both where they differ."""
    parts = []
    for version in (first, second):
        protocol, drives = version.evaluation["protocol"], version.figures["all_drives"]["drives"]
        start, end = protocol["periods"][-1]["test"]
        parts.append(
            f"forward test {start} to {end}, {protocol['horizon_days']} days ahead, {drives['count']:,} "
            f"drives, "
            f"{drives['positives']:,} of them failing ({drives['prevalence']:.2%})"
        )
    return parts[0] if parts[0] == parts[1] else f"{first.version}: {parts[0]} | {second.version}: {parts[1]}"
