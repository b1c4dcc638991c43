"""The quality of one scope's forecasts as served: alarms by level, and failures by band of probability."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from functions.scoring.model.manifest import Thresholds
from functions.scoring.model.quality import LevelQuality, ScopeQuality
from training.metrics.bands import Ratio, probability_bands
from training.metrics.curves import Floats
from training.metrics.decisions import FLEET, MONTH_DAYS
from training.metrics.drive_weights import drive_weights, percentiles

LEVELS = ("critical", "high", "medium")


def drive_months(frame: pl.DataFrame, probability: Floats) -> pl.DataFrame:
    """Gather scored rows by drive and month: a drive counts anew in every 30 days of a period.

    Parameters
    ----------
    frame : polars.DataFrame
        serial_number, date, period, label.
    probability : (n,) array of float64

    Returns
    -------
    polars.DataFrame
        One row for every drive and month, sorted: ``drive`` (from 0 on), ``month``, ``label`` (whether any of
        its rows is followed by a failure), ``score`` (its highest probability) and ``first`` (that of its
        first row of the month).
    """
    since = (pl.col("date") - pl.col("date").min().over("period")).dt.total_days()
    return (
        frame.select(
            drive=drive_numbers(frame["serial_number"]),
            period="period",
            month=(since // MONTH_DAYS).cast(pl.Int32),
            date="date",
            label="label",
            score=pl.Series(probability),
        )
        .sort("drive", "date")
        .group_by("drive", "period", "month", maintain_order=True)
        .agg(pl.col("label").max(), pl.col("score").max(), first=pl.col("score").first())
        .drop("period")
    )


def drive_numbers(serials: pl.Series) -> pl.Series:
    """Return the number of every row's drive, from 0 in order of serial number (UInt32)."""
    return serials.cast(pl.String).rank("dense").cast(pl.UInt32) - 1


def level_quality(
    months: pl.DataFrame, thresholds: Mapping[str, float], *, resamples: int, seed: int
) -> dict[str, LevelQuality]:
    """Say how alarms at each threshold turned out, one decision a drive and month.

    Parameters
    ----------
    months : polars.DataFrame
        Of `drive_months`.
    thresholds : mapping of str to float
        By level.
    resamples, seed : int
        Of the bootstrap over drives, each with all its months.
    """
    drive, failing = months["drive"].to_numpy(), months["label"].to_numpy() == 1
    size = int(drive.max()) + 1
    score, first = months["score"].to_numpy(), months["first"].to_numpy()
    flagged = {level: score >= threshold for level, threshold in thresholds.items()}

    def per_drive(rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
        return np.bincount(drive, rows, minlength=size)

    columns = [per_drive(failing)]
    for rows in flagged.values():
        columns += [per_drive(rows), per_drive(rows & failing)]
    table = np.column_stack(columns)
    drawn = np.concatenate([weights @ table for weights in drive_weights(size, resamples, seed)])
    found = {}
    for index, (level, rows) in enumerate(flagged.items()):
        alerts, hits = int(rows.sum()), int((rows & failing).sum())
        standing = int((first >= thresholds[level]).sum())
        with np.errstate(invalid="ignore", divide="ignore"):
            precision = drawn[:, 2 + 2 * index] / drawn[:, 1 + 2 * index]
            recall = drawn[:, 2 + 2 * index] / drawn[:, 0]
        found[level] = LevelQuality(
            threshold=thresholds[level],
            precision=hits / alerts if alerts else None,
            recall=hits / int(failing.sum()) if failing.any() else None,
            precision_95=percentiles(precision),
            recall_95=percentiles(recall),
            standing_per_10000=round(standing / months.height * FLEET, 2),
            new_per_10000=round((alerts - standing) / months.height * FLEET, 2),
        )
    return found


def scope_quality(
    frame: pl.DataFrame,
    probability: Floats,
    thresholds: Thresholds,
    protocol: str,
    *,
    resamples: int,
    seed: int,
) -> tuple[ScopeQuality, Ratio]:
    """Measure one scope's drives.

    Parameters
    ----------
    frame : polars.DataFrame
        Rows at natural prevalence: serial_number, date, period, label.
    protocol : str
        Whose scores these are, of which days, decided how.

    Returns
    -------
    quality : ScopeQuality
    above : Ratio
        Failures seen over expected in the bands that are claimed to hold.
    """
    months = drive_months(frame, probability)
    bands, above = probability_bands(
        drive_numbers(frame["serial_number"]).to_numpy(),
        frame["label"].to_numpy(),
        probability,
        resamples=resamples,
        seed=seed,
    )
    served = {level: getattr(thresholds, level) for level in LEVELS}
    failing = int(months["label"].sum())
    quality = ScopeQuality(
        protocol=protocol,
        drives=months.height,
        failing=failing,
        prevalence=failing / months.height,
        levels=level_quality(months, served, resamples=resamples, seed=seed),
        bands=bands,
    )
    return quality, above
