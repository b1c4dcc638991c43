"""``drive_scores.npz``: what a version's forward test gave each drive, for comparing versions by pairs.

The drives are not named: a digest over serial numbers and labels says whether two files speak of the same
ones, and they stand in order of serial number.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from functions.errors import ModelError
from training.metrics.curves import FPR_POINTS, Floats, Ranking
from training.metrics.decisions import Drives

SCORES_FILE = "drive_scores.npz"


@dataclass(frozen=True)
class DriveScores:
    """Scored drives of a test part, in order of serial number.

    Attributes
    ----------
    digest : str
        sha256 over their serial numbers and labels.
    label : (n,) array of int8
    score : (n,) array of float32
        Highest probability of each drive's rows.
    """

    digest: str
    label: npt.NDArray[np.int8]
    score: npt.NDArray[np.float32]

    @classmethod
    def of(cls, drives: Drives) -> DriveScores:
        """Take the labels and scores of drives; float32 keeps every order the served model knows."""
        serials = "\n".join(drives.table["serial_number"].to_list()).encode()
        label = drives.label.astype(np.int8)
        digest = hashlib.sha256(serials + b"\0" + label.tobytes()).hexdigest()
        return cls(digest, label, drives.score.astype(np.float32))

    @classmethod
    def read(cls, folder: Path) -> DriveScores | None:
        """Read a version's file, None when it has none; ModelError when the file is damaged."""
        path = folder / SCORES_FILE
        if not path.is_file():
            return None
        try:
            with np.load(path, allow_pickle=False) as stored:
                return cls(str(stored["digest"]), stored["label"], stored["score"])
        except (ValueError, KeyError, OSError) as error:
            msg = f"{folder.name}/{SCORES_FILE} cannot be read: {error}. Restore the version."
            raise ModelError(msg) from error

    def write(self) -> bytes:
        """Return the file's content, the same bytes for the same scores."""
        out = io.BytesIO()
        np.savez_compressed(out, digest=np.array(self.digest), label=self.label, score=self.score)
        return out.getvalue()


def paired_differences(
    first: DriveScores, second: DriveScores, *, resamples: int = 1000, seed: int = 0
) -> Mapping[str, tuple[float, float, float]]:
    """Return by how much the second ranks better than the first, with 95 % intervals by resampling drives.

    Parameters
    ----------
    first, second : DriveScores
        Of the same drives.
    resamples, seed : int
        Every resample draws the same drives for both.

    Returns
    -------
    mapping of str to tuple
        ``average_precision`` and ``recall_at_fpr_<rate>``: difference, low, high.

    Raises
    ------
    ValueError
        The drives are not the same.
    """
    if first.digest != second.digest:
        raise ValueError("the two versions were tested on other drives or labels")
    random = np.random.default_rng(seed)
    size = len(first.label)
    rankings = [Ranking.of(one.label, one.score.astype(np.float64)) for one in (first, second)]
    drawn: list[Floats] = []
    for _ in range(resamples):
        weights = np.bincount(random.integers(0, size, size), minlength=size).astype(np.float64)
        drawn.append(_difference(rankings, weights))
    found = _difference(rankings, np.ones(size))
    low, high = np.nanquantile(np.stack(drawn), [0.025, 0.975], axis=0)
    names = ("average_precision", *(f"recall_at_fpr_{rate:g}" for rate in FPR_POINTS))
    return {
        name: (float(found[index]), float(low[index]), float(high[index])) for index, name in enumerate(names)
    }


def _difference(rankings: list[Ranking], weights: Floats) -> Floats:
    found = [
        np.array(
            [
                ranking.average_precision(weights),
                *(ranking.recall_at_fpr(rate, weights) for rate in FPR_POINTS),
            ]
        )
        for ranking in rankings
    ]
    return np.asarray(found[1] - found[0])
