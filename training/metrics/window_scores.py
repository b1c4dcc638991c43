"""``window_scores.npz``: the decisions of a version and of an earlier one on the windows of comparison.

A window is a month of some drives, and every drive in it is decided on once. Drives are not named: a number
says which rows of several windows are one drive's, and a digest which files speak of the same drives.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from functions.errors import ModelError
from training.metrics.curves import Floats, Ranking
from training.metrics.drive_weights import drive_weights, percentiles

WINDOW_SCORES_FILE = "window_scores.npz"

LEVELS = ("medium", "high", "critical")
"""The risk levels by their number in `Decisions`, from 1 on; 0 is below the first."""

FEW_FAILING = 20
"""Families with no more failures than this are not shown: their figures are noise."""

RESAMPLES = 500


@dataclass(frozen=True)
class Decisions:
    """One version's answers for the drives.

    Attributes
    ----------
    score : (n,) array of float32
        Highest probability of the drive in the window.
    level : (n,) array of int8
        Risk level reached at the thresholds it would have been served with.
    """

    version: str
    score: npt.NDArray[np.float32]
    level: npt.NDArray[np.int8]


@dataclass(frozen=True)
class WindowScores:
    """Drives of all windows.

    Attributes
    ----------
    windows, families : tuple of str
        Names, by number.
    similar : tuple of bool
        Whether a window is of drive models that the version is not trained on.
    window, family, drive : (n,) arrays of int
    label : (n,) array of int8
        1 where the drive fails within the horizon of a day of the window.
    rule : (n,) array of int8
        1 where any of its error counters is above zero.
    previous : Decisions or None
        The decisions of the version it is compared with.
    """

    windows: tuple[str, ...]
    families: tuple[str, ...]
    similar: tuple[bool, ...]
    window: npt.NDArray[np.int8]
    family: npt.NDArray[np.int16]
    drive: npt.NDArray[np.int32]
    label: npt.NDArray[np.int8]
    rule: npt.NDArray[np.int8]
    own: Decisions
    previous: Decisions | None = None

    @property
    def digest(self) -> str:
        """sha256 over what does not depend on a version."""
        names = "\n".join([*self.windows, *self.families]).encode()
        parts = (self.window, self.family, self.drive, self.label, self.rule)
        return hashlib.sha256(b"\0".join([names, *(part.tobytes() for part in parts)])).hexdigest()

    @classmethod
    def read(cls, folder: Path) -> WindowScores | None:
        """Read a version's file, None when it has none; ModelError when the file is damaged."""
        path = folder / WINDOW_SCORES_FILE
        if not path.is_file():
            return None
        try:
            with np.load(path, allow_pickle=False) as stored:
                sides = [
                    Decisions(
                        str(stored[f"{side}_version"]), stored[f"{side}_score"], stored[f"{side}_level"]
                    )
                    for side in ("own", "previous")
                    if f"{side}_version" in stored
                ]
                columns = [stored[name] for name in ("window", "family", "drive", "label", "rule")]
                return cls(
                    tuple(map(str, stored["windows"])),
                    tuple(map(str, stored["families"])),
                    tuple(map(bool, stored["similar"])),
                    *columns,
                    *sides,
                )
        except (ValueError, KeyError, OSError, TypeError) as error:
            msg = f"{folder.name}/{WINDOW_SCORES_FILE} cannot be read: {error}. Restore the version."
            raise ModelError(msg) from error

    def write(self) -> bytes:
        """Return the file's content, the same bytes for the same scores."""
        out = io.BytesIO()
        arrays: dict[str, Any] = {
            "windows": np.array(self.windows),
            "families": np.array(self.families),
            "similar": np.array(self.similar),
            "window": self.window,
            "family": self.family,
            "drive": self.drive,
            "label": self.label,
            "rule": self.rule,
        }
        for side, found in (("own", self.own), ("previous", self.previous)):
            if found is not None:
                arrays |= {
                    f"{side}_version": np.array(found.version),
                    f"{side}_score": found.score,
                    f"{side}_level": found.level,
                }
        np.savez_compressed(out, **arrays)
        return out.getvalue()

    def parts(self) -> Iterator[tuple[str, str, npt.NDArray[np.bool_]]]:
        """Yield kind, name and rows: every window, those of other models together, every family in these.

        Families with `FEW_FAILING` failures or fewer are left out.
        """
        for number, name in enumerate(self.windows):
            yield "window", name, self.window == number
        others = np.array(self.similar)[self.window]
        if others.any():
            yield "together", "windows of other drive models", others
        for number, name in enumerate(self.families):
            rows = others & (self.family == number)
            if int(self.label[rows].sum()) > FEW_FAILING:
                yield "family", name, rows


def part_figures(
    scores: WindowScores,
    rows: npt.NDArray[np.bool_],
    sides: Sequence[Decisions],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Any]:
    """Return the figures of some drives, paired where two versions are given.

    Parameters
    ----------
    rows : (n,) array of bool
    sides : sequence of Decisions
        One or two versions'.
    resamples, seed : int
        Of the bootstrap over drives, the same drives for both.

    Returns
    -------
    dict
        ``drives`` (each counted anew in every window), ``failing``, ``prevalence``, ``rule`` (average
        precision of "any above zero"), ``versions`` (by name: ``average_precision``, its ``interval`` and
        ``levels``) and ``difference`` (second less first: ``average_precision``, ``interval``); None where a
        figure does not exist.
    """
    label = scores.label[rows]
    _, drive = np.unique(scores.drive[rows], return_inverse=True)
    rankings = [Ranking.of(label, side.score[rows].astype(np.float64)) for side in sides]
    failing = int(label.sum())
    found: dict[str, Any] = {
        "drives": len(label),
        "failing": failing,
        "prevalence": failing / len(label),
        "rule": float(Ranking.of(label, scores.rule[rows]).average_precision()) if failing else None,
        "versions": {},
        "difference": None,
    }
    drawn = np.concatenate(
        [
            np.column_stack([ranking.average_precision(weights[:, drive]) for ranking in rankings])
            for block in drive_weights(int(drive.max()) + 1, resamples, seed)
            for weights in np.array_split(block, max(1, len(block) * len(drive) // _CELLS))
            if len(weights)
        ]
    )
    for index, (side, ranking) in enumerate(zip(sides, rankings, strict=True)):
        found["versions"][side.version] = {
            "average_precision": float(ranking.average_precision()) if failing else None,
            "interval": percentiles(drawn[:, index]),
            "levels": _levels(side.level[rows], label),
        }
    if len(sides) > 1 and failing:
        before, after = (float(ranking.average_precision()) for ranking in rankings)
        found["difference"] = {
            "average_precision": after - before,
            "interval": percentiles(drawn[:, 1] - drawn[:, 0]),
        }
    return found


_CELLS = 2_000_000


def _levels(level: npt.NDArray[np.int8], label: npt.NDArray[np.int8]) -> dict[str, Any]:
    found = {}
    for number, name in reversed(list(enumerate(LEVELS, start=1))):
        flagged = level >= number
        alerts, hits, failing = int(flagged.sum()), int(label[flagged].sum()), int(label.sum())
        found[name] = {
            "alerts": alerts,
            "precision": hits / alerts if alerts else None,
            "recall": hits / failing if failing else None,
        }
    return found


def risk_levels(score: Floats, thresholds: Sequence[float]) -> npt.NDArray[np.int8]:
    """Return the number of thresholds, ascending, that each score reaches."""
    return np.searchsorted(np.asarray(thresholds), score, side="right").astype(np.int8)
