"""Fewer healthy drive-days to train on.

Validation and test are never sampled: they keep the natural prevalence.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from training.protocol.stable_hash import drive_day_hash, unit_interval


def sample_negatives(
    frame: pl.DataFrame, *, rate: float | None = None, per_drive: int | None = None, seed: int
) -> pl.DataFrame:
    """Keep every positive row and some of the negative ones.

    Parameters
    ----------
    frame : polars.DataFrame
        Labelled training rows: serial_number, date, label, ``period`` when there are several.
    rate : float, optional
        Probability in (0, 1] that a negative row is kept.
    per_drive : int, optional
        Keep at most this many negative rows of each drive. Exactly one of the two is given.
    seed : int
        The choice depends on (serial number, date, seed) only, not on the order or number of other rows.

    Returns
    -------
    polars.DataFrame
        The rows kept, in their given order, with ``weight`` (Float64): 1 for positives, for negatives the
        number of rows each stands for (1 / rate, or the drive's negative rows / those kept), so that weighted
        totals, and a model fitted with the weights, match the natural prevalence.

    Raises
    ------
    ValueError
        When not exactly one way is given, or it is out of range.
    """
    if (rate is None) == (per_drive is None):
        raise ValueError("give either a rate or a number per drive")
    hashes = drive_day_hash(frame["serial_number"], frame["date"], seed, "negatives")
    positive = pl.col("label") == 1
    if rate is not None:
        if not 0 < rate <= 1:
            raise ValueError(f"the rate must be in (0, 1], not {rate}")
        kept = frame.filter(positive | pl.Series(unit_interval(hashes) < rate))
        return kept.with_columns(pl.when(positive).then(1.0).otherwise(1.0 / rate).alias("weight"))
    if per_drive is None or per_drive < 1:
        raise ValueError(f"at least one negative row per drive must be kept, not {per_drive}")
    return _at_most(frame, per_drive, hashes)


def _at_most(
    frame: pl.DataFrame, per_drive: int, hashes: np.ndarray[tuple[int], np.dtype[np.uint64]]
) -> pl.DataFrame:
    negatives = (
        frame.select("serial_number", "label").with_columns(pl.Series("hash", hashes)).with_row_index("row")
    )
    chosen = (
        negatives.filter(pl.col("label") == 0)
        .sort("serial_number", "hash")
        .with_columns(
            pl.int_range(pl.len()).over("serial_number").alias("rank"),
            pl.len().over("serial_number").alias("of"),
        )
        .filter(pl.col("rank") < per_drive)
        .select("row", (pl.col("of") / pl.min_horizontal("of", pl.lit(per_drive))).alias("weight"))
    )
    positives = negatives.filter(pl.col("label") == 1).select("row", pl.lit(1.0).alias("weight"))
    kept = pl.concat([chosen, positives]).sort("row")
    return frame[kept["row"]].with_columns(kept["weight"])
