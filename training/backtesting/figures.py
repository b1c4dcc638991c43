"""The figures of a replayed period, as PNG."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from training.metrics.curves import precision_recall_curve
from training.metrics.decisions import decide, drives_of
from training.reporting.figures import png

_BLUE, _GREY, _RED = "#1f5fa8", "#8a8f98", "#b5342b"


def render_figures(
    rows: pl.DataFrame, thresholds: Mapping[str, float], level: str, caption: str
) -> dict[str, bytes]:
    """Draw the replayed period.

    Parameters
    ----------
    rows : polars.DataFrame
        Of `training.backtesting.measures.join`.
    level : str
        The level whose alarms are drawn by day.
    caption : str
        Period, prevalence, horizon and version, under the title of every figure.

    Returns
    -------
    dict of str to bytes
        By file name.
    """
    return {
        "backtest_alarms.png": _alarms(rows, thresholds[level], level, caption),
        "backtest_precision_recall.png": _precision_recall(rows, thresholds, caption),
    }


def first_alarms(rows: pl.DataFrame, threshold: float) -> pl.DataFrame:
    """Return each flagged drive's first alarm.

    Returns
    -------
    polars.DataFrame
        serial_number, date (of the alarm), fails (whether any row of the drive in the period is positive),
        days_to_failure (null where it does not fail). Sorted by date and serial number.
    """
    fails = rows.group_by("serial_number").agg((pl.col("label").max() == 1).alias("fails"))
    return (
        rows.filter(pl.col("probability") >= threshold)
        .sort("serial_number", "date")
        .group_by("serial_number", maintain_order=True)
        .first()
        .join(fails, on="serial_number")
        .select("serial_number", "date", "fails", "days_to_failure")
        .sort("date", "serial_number")
    )


def _alarms(rows: pl.DataFrame, threshold: float, level: str, caption: str) -> bytes:
    alarms = first_alarms(rows, threshold)
    days = rows.select(pl.date_range(pl.col("date").min(), pl.col("date").max()))["date"]
    figure = Figure(figsize=(9.5, 4.8), layout="constrained")
    by_day, by_lead = figure.subplots(1, 2, width_ratios=[2, 1])
    below = np.zeros(len(days))
    for fails, colour, name in ((True, _BLUE, "fails later"), (False, _RED, "does not fail")):
        counted = alarms.filter(pl.col("fails") == fails)["date"].value_counts()
        count = days.to_frame().join(counted, on="date", how="left")["count"].fill_null(0)
        by_day.bar(days.to_numpy(), count.to_numpy(), bottom=below, color=colour, label=name, width=0.9)
        below += count.to_numpy()
    by_day.set(title=f"First alarms by day, {level} (p ≥ {threshold:.3g})", ylabel="drives")
    by_day.yaxis.set_major_locator(MaxNLocator(integer=True))
    by_day.tick_params(axis="x", rotation=30)
    by_day.legend(frameon=False, fontsize=9)
    leads = alarms.filter("fails")["days_to_failure"].drop_nulls().to_numpy()
    by_lead.hist(leads, bins=np.arange(0, max(30, leads.max() if leads.size else 0) + 6, 5), color=_BLUE)
    by_lead.set(title="Days from first alarm to failure", xlabel="days", ylabel="failing drives")
    by_lead.yaxis.set_major_locator(MaxNLocator(integer=True))
    for axes in (by_day, by_lead):
        axes.spines[["top", "right"]].set_visible(False)
    return _png(figure, caption)


def _precision_recall(rows: pl.DataFrame, thresholds: Mapping[str, float], caption: str) -> bytes:
    drives = drives_of(rows, rows["probability"].to_numpy())
    figure = Figure(figsize=(7.2, 5.2), layout="constrained")
    axes = figure.subplots()
    if drives.label.any():
        precision, recall, _ = precision_recall_curve(drives.label, drives.score)
        axes.step(
            recall,
            precision,
            where="post",
            color=_BLUE,
            linewidth=2,
            label="each drive's highest",
        )
    axes.axhline(drives.prevalence, color=_GREY, linestyle="--", linewidth=1, label="prevalence")
    for level, threshold in thresholds.items():
        found = decide(drives, threshold)
        if found.alerts and found.failing:
            axes.plot(found.recall, found.precision, "o", color=_RED)
            axes.annotate(level, (found.recall, found.precision), textcoords="offset points", xytext=(6, 6))
    axes.set(
        title="Precision and recall by drive",
        xlim=(0, 1),
        ylim=(0, 1.02),
        xlabel="Recall (share of failing drives flagged)",
        ylabel="Precision (share of flagged drives that fail)",
    )
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=9)
    return _png(figure, caption)


def _png(figure: Figure, caption: str) -> bytes:
    figure.supxlabel(caption, fontsize=8.5, color="#444444")
    return png(figure)
