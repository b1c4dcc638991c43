"""Cross-validation folds that go forward in time and never share a drive."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from training.protocol.labels import HORIZON_DAYS
from training.protocol.stable_hash import serial_hash

_LEAST_FOLDS = 2


class ForwardGroupedFolds:
    """Folds that go forward in time with an embargo, grouped by serial number.

    The days are cut into ``n_splits + 1`` blocks. Fold k trains on blocks 0..k and validates on block k + 1,
    H days later, so the labels of its training rows end before its first validation row. The drives are
    divided into ``n_splits`` groups by a hash of their serial number; fold k validates on group k and trains
    on the others.

    Parameters
    ----------
    dates : array-like of datetime64[D], shape (n_rows,)
        The day of every row that will be passed to `split`. Gaps longer than the embargo are closed up to it,
        so data of two years divides evenly.
    n_splits : int
        Number of folds, at least 2.
    horizon_days : int
        H, days between the last training day and the first validation day that stay unused.
    seed : int
        Chooses the groups of drives.

    Raises
    ------
    ValueError
        When there are fewer than 2 folds or too few days for them.
    """

    def __init__(
        self,
        dates: npt.ArrayLike | pl.Series,
        n_splits: int = 3,
        horizon_days: int = HORIZON_DAYS,
        seed: int = 0,
    ) -> None:
        if n_splits < _LEAST_FOLDS:
            raise ValueError(f"cross-validation needs at least 2 folds, not {n_splits}")
        days = np.asarray(dates, dtype="datetime64[D]")
        distinct, of_row = np.unique(days, return_inverse=True)
        steps = np.minimum(np.diff(distinct).astype(np.int64), horizon_days + 1)
        day_number = np.concatenate([[0], np.cumsum(steps)])
        block = (day_number[-1] + 1 - horizon_days) / (n_splits + 1)
        if block < 1:
            raise ValueError(
                f"{n_splits} forward folds with an embargo of {horizon_days} days need at least "
                f"{n_splits + 1 + horizon_days} days, not {day_number[-1] + 1}"
            )
        self.n_splits, self.horizon_days, self.seed = n_splits, horizon_days, seed
        self._day_number = day_number[of_row]
        self._block = float(block)

    def split(self, serial_numbers: pl.Series) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
        """Yield (training rows, validation rows) of every fold.

        Parameters
        ----------
        serial_numbers : polars.Series of str, shape (n_rows,)

        Raises
        ------
        ValueError
            When there are not as many as dates, or a fold comes out empty.
        """
        if len(serial_numbers) != len(self._day_number):
            raise ValueError(
                f"{len(serial_numbers)} serial numbers and {len(self._day_number)} dates do not match"
            )
        group = serial_hash(serial_numbers, self.seed, "fold") % np.uint64(self.n_splits)
        for fold in range(self.n_splits):
            cut = int((fold + 1) * self._block)
            stop = int((fold + 2) * self._block) + self.horizon_days
            start = cut + self.horizon_days
            mine = group == fold
            train = np.flatnonzero((self._day_number < cut) & ~mine)
            validation = np.flatnonzero((self._day_number >= start) & (self._day_number < stop) & mine)
            if not (train.size and validation.size):
                raise ValueError(
                    f"fold {fold + 1} of {self.n_splits} has {train.size} training and {validation.size} "
                    "validation rows; use fewer folds or more data"
                )
            yield train, validation
