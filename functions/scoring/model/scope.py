"""The scope of a drive: how well a model knows it, by the drive's name and by the attributes it reports.

``trained``: its drive model is one whose failures were learned. ``similar``: another drive with platters, or
one whose name says nothing, that reports an attribute which stands for failing sectors on every such drive.
``unknown``: a solid-state drive, or one that reports no such attribute; it has no probability.

The rule for one drive by itself is in `functions.scoring.model.one_row`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from functions.scoring.drive_database import VENDOR_WORDS, drive_facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from functions.scoring.model.manifest import Manifest

Scope = Literal["trained", "similar", "unknown"]

SCOPES: tuple[Scope, ...] = ("trained", "similar", "unknown")
"""Scopes by code, from the drives a model knows best to those it knows nothing of."""

TRAINED, SIMILAR, UNKNOWN_SCOPE = range(len(SCOPES))

FAILING_SECTORS = (197, 198)
"""Sectors that cannot be read: those that wait, and those that a scan of the idle drive found. Other counters
are missing on whole families of drives with platters, or mean something else there; these do not."""


def bare_name(model: str) -> str:
    """Return a drive's model name in capitals, without the words before it that name a bus or a vendor."""
    name = " ".join(model.upper().replace(",", " ").split())
    vendor = VENDOR_WORDS.match(name)
    return name if vendor is None else name[vendor.end() :]


def trained_name(model: str, drive_models: Iterable[str]) -> str | None:
    """Return which of a model version's drive models a drive is; None when it is none of them.

    Vendors append a variant: ``ST4000DM000-1F2168`` is an ``ST4000DM000``, and ``ST4000DM0001`` is none.
    """
    name = bare_name(model)
    for known in drive_models:
        bare = bare_name(known)
        if name.startswith(bare) and not name[len(bare) : len(bare) + 1].isalnum():
            return known
    return None


class ScopeRule:
    """Which scope drives have, for one model version.

    Parameters
    ----------
    attributes : sequence of int
        SMART attributes that are read of a drive, stand-ins among them: the columns of `of_rows`.

    Attributes
    ----------
    drive_models : tuple of str
        Those that were trained on.
    evidence : list of int
        SMART attributes that speak about failure, and those that stand in for them.
    columns : list of int
        Columns of which one at least must have a value: those of `FAILING_SECTORS` and their stand-ins; where
        a model reads none of these, those of its evidence.
    """

    def __init__(self, manifest: Manifest, attributes: Sequence[int]) -> None:
        self.drive_models = tuple(manifest.drive_models)
        self.evidence = _with_stand_ins(manifest.evidence, manifest)
        sectors = _with_stand_ins(FAILING_SECTORS, manifest)
        of_evidence = [column for column, each in enumerate(attributes) if each in self.evidence]
        of_sectors = [column for column, each in enumerate(attributes) if each in sectors]
        self.columns = of_sectors or of_evidence
        # Of this rule alone: fleets have few models, whose names are looked at once.
        self.trained_name = lru_cache(maxsize=1024)(self._trained_name)
        self.of_model = lru_cache(maxsize=1024)(self._of_model)

    def _trained_name(self, model: str) -> str | None:
        """Return the drive model that was trained on and that a drive of this name is."""
        return trained_name(model, self.drive_models)

    def _of_model(self, model: str, rotation_rate: int | None = None, family: str = "") -> int:
        """Return the code of the scope that a drive's name gives, before a look at what it reports.

        Parameters
        ----------
        rotation_rate : int, optional
            Turns a minute, 0 for a solid-state drive; None where nobody says. It says more than the name.
        family : str
            As smartctl states it.
        """
        if rotation_rate == 0:
            return UNKNOWN_SCOPE
        if self.trained_name(model) is not None:
            return TRAINED
        if rotation_rate is None and drive_facts(model, family).kind == "solid_state":
            return UNKNOWN_SCOPE
        return SIMILAR

    def of_models(
        self, models: pa.DictionaryArray, stated: NDArray[np.object_] | None = None
    ) -> NDArray[np.int8]:
        """Return the codes of the scopes that drives' names give, (n,).

        *stated* is what smartctl says of each drive, see `functions.scoring.csv.parser.Rows`.
        """
        names = models.dictionary.to_pylist()
        if stated is not None:
            drives = zip(models.indices.to_pylist(), stated, strict=True)
            found = (self.of_model(names[index], each.rotation_rate, each.family) for index, each in drives)
            return np.fromiter(found, dtype=np.int8, count=len(models))
        codes = np.fromiter(map(self.of_model, names), dtype=np.int8, count=len(names))
        of_rows: NDArray[np.int8] = codes[models.indices.to_numpy()]
        return of_rows

    def of_rows(self, by_name: NDArray[np.int8], now: NDArray[np.float64]) -> NDArray[np.int8]:
        """Return the code of the scope of every row, (n,).

        Parameters
        ----------
        by_name : (n,) array of int8
            See `of_models`.
        now : (n, k) array of float64
            Decoded values, NaN where missing.
        """
        silent = np.ones(len(now), dtype=bool)
        # Column by column: several times as fast as `all` along the axis.
        for column in self.columns:
            silent &= np.isnan(now[:, column])
        return np.where(silent, np.int8(UNKNOWN_SCOPE), by_name)


def _with_stand_ins(attributes: Iterable[int], manifest: Manifest) -> list[int]:
    """Return attributes and those that stand in for them, ascending."""
    wanted = set(attributes)
    return sorted(wanted | {other for each, other in manifest.stand_ins.items() if each in wanted})
