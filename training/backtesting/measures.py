"""The figures of a replayed period: the same as a forward test's, over what the engine answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from training.metrics import evaluate
from training.metrics.decisions import FLEET, MONTH_DAYS
from training.protocol.splits import held_out

RESAMPLES = 300
"""Bootstrap resamples of the drives, for each interval."""


def join(scored: pl.DataFrame, labelled: pl.DataFrame) -> pl.DataFrame:
    """Return the scored drive-days whose outcome is known, one row per drive and day.

    Parameters
    ----------
    scored : polars.DataFrame
        Rows of `training.backtesting.scored_days.ScoredDay`.
    labelled : polars.DataFrame
        Of `training.backtesting.outcomes.Outcomes.labelled`.

    Returns
    -------
    polars.DataFrame
        Both tables' columns, sorted by serial_number and date; serial_number is the drive's name.
    """
    drive_day = ["serial_number", "model", "date"]
    once = scored.unique(drive_day, keep="last", maintain_order=True)
    rows = once.join(labelled, on=drive_day, how="inner")
    return (
        rows.with_columns(pl.col("drive").alias("serial_number")).drop("drive").sort("serial_number", "date")
    )


def measure(
    rows: pl.DataFrame,
    thresholds: Mapping[str, float],
    never_trained: tuple[int, float] | None,
    seed: int = 0,
) -> dict[str, Any]:
    """Return the figures of all drives, of those a version never saw, by last row and by drive model.

    Parameters
    ----------
    rows : polars.DataFrame
        Of `join`.
    thresholds : mapping of str to float
        By risk level, of the manifest.
    never_trained : tuple of int and float, optional
        Seed and share of the drives that training held out; None when the version does not say.
    seed : int
        Of the bootstrap.
    """
    figures = {"all_drives": _evaluate(rows, thresholds, seed)}
    if never_trained is not None:
        apart = held_out(rows["serial_number"], *never_trained)
        for name, kept in (("known_drives", ~apart), ("unseen_drives", apart)):
            if kept.any():
                figures[name] = _evaluate(rows.filter(kept), thresholds, seed)
    last = rows.group_by("serial_number", maintain_order=True).last()
    figures["last_row_per_drive"] = evaluate.rank(last["label"].to_numpy(), last["probability"].to_numpy())
    figures["drive_models"] = {}
    for model in sorted(rows.filter(pl.col("label") == 1)["model"].unique().to_list()):
        drives = (
            rows.filter(pl.col("model") == model)
            .group_by("serial_number", maintain_order=True)
            .agg(pl.col("label").max(), pl.col("probability").max())
        )
        figures["drive_models"][model] = evaluate.rank(
            drives["label"].to_numpy(), drives["probability"].to_numpy()
        )
    return figures


def workload(scored: pl.DataFrame, thresholds: Mapping[str, float]) -> dict[str, Any]:
    """Count what an operator would have seen, drives of unknown outcome among them.

    Parameters
    ----------
    scored : polars.DataFrame
        Every scored row of the period.

    Returns
    -------
    dict
        ``scored_rows``, ``drives``, ``rows_with_history``, ``unknown_rows``, and by level the drives that
        reached it and how many that is of 10,000 a month.
    """
    months = scored.height / MONTH_DAYS
    known = scored.filter(pl.col("risk") != "unknown")
    reached = {
        level: _drives(known.filter(pl.col("probability") >= threshold))
        for level, threshold in thresholds.items()
    }
    return {
        "scored_rows": scored.height,
        "drives": _drives(scored),
        "rows_with_history": scored.filter(pl.col("history_days") > 0).height,
        "unknown_rows": scored.height - known.height,
        "drives_reaching": reached,
        "per_10000_month": {level: count / months * FLEET for level, count in reached.items()},
    }


def _drives(rows: pl.DataFrame) -> int:
    return rows.select("serial_number", "model").n_unique()


def _evaluate(rows: pl.DataFrame, thresholds: Mapping[str, float], seed: int) -> dict[str, Any]:
    return evaluate.evaluate(rows, rows["probability"].to_numpy(), thresholds, seed=seed, resamples=RESAMPLES)
