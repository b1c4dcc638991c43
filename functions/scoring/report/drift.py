"""Drift: how far the values of a file are from those the model was trained on.

The measure is the population stability index. With ``p`` the share of the training data in a bin and ``q``
that of the file it is ``sum((q - p) * ln(q / p))``: 0 for equal shares. It says that the fleet is another one
than the model knows, not that the model is wrong about it; on other drive models it is expected to be large.

Bins and training counts are the manifest's `Histogram`; values beyond its edges are counted at its ends.
Counts are integers, so blocks and ranges of a file add up exactly, in any order.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from functions.scoring.model.features import Feature
    from functions.scoring.model.manifest import Histogram, Manifest

DRIFTED = 0.2
"""Above it a feature has drifted: "significant change" in D. Wu and D. L. Olson, Enterprise risk management:
coping with model risk in a large bank, Journal of the Operational Research Society 61 (2010) 179-190. It is a
convention; others say 0.25. infra/queries/drift.kql has it too."""

MIN_ROWS = 1_000
"""Rows with which a feature is compared at least. Without any drift the index of n rows in B bins is
distributed as chi-squared with B - 1 degrees of freedom, divided by n (B. Yurdakul, Statistical Properties of
Population Stability Index, 2018): with 21 bins and 1,000 rows one file in a thousand exceeds 0.045; with 120
rows one in four would exceed 0.2."""

LEAST_SHARE = 1e-4
"""Share an empty bin is taken to have, in both distributions; a bin that is empty in both says nothing."""

DRIFT_FIELDS = {
    "threshold": f"{DRIFTED}: above it a feature has drifted",
    "min_rows": f"{MIN_ROWS}: with fewer rows a feature is not compared",
    "psi": "population stability index by feature, against the training data; null where it is not compared",
    "worst": "the feature with the largest index, and that; null when none is compared",
    "similar": "the same fields for the rows of scope similar, against the drives that these were calibrated "
    "on, by the values alone: which attributes are there differs from vendor to vendor; null where the model "
    "has no calibration for them. The fields above are for scope trained; unknown rows are not counted",
}
"""Fields of ``drift`` in a summary."""


type Counts = dict[str, list[int]]
"""By feature, the rows in each bin of its histogram, and last those without a value."""


class DriftCounter:
    """Counts a model's features in the bins of their histograms; one without a histogram is left out."""

    def __init__(self, features: Sequence[Feature], histograms: Mapping[str, Histogram]) -> None:
        self._bins: list[tuple[str, int, NDArray[np.float32], int]] = []
        for column, feature in enumerate(features):
            histogram = histograms.get(feature.name)
            if histogram is not None and histogram.counts:
                cuts = _cuts(histogram)
                self._bins.append((feature.name, column, cuts, int(cuts.searchsorted(0, side="right"))))

    def count(self, features: NDArray[np.float32], among: NDArray[np.bool_] | None = None) -> Counts:
        """Count rows of the model's input, (n, f): all, or those *among* some, (n,).

        Returned are, by feature, the rows in each bin, and last those without a value; nothing without a row.
        """
        rows = features if among is None or among.all() else features[among]
        if not self._bins or not len(rows):
            return {}
        columns = np.ascontiguousarray(rows.T)
        # Nearly all values are 0 or missing; only the others are looked up, which takes a third of the time.
        zero = columns == 0
        known = ~np.isnan(columns)
        zeros, missing = zero.sum(axis=1).tolist(), (~known).sum(axis=1).tolist()
        others = known & ~zero
        counted: Counts = {}
        for name, column, cuts, zero_bin in self._bins:
            values = columns[column][others[column]]
            counts = np.bincount(cuts.searchsorted(values, side="right"), minlength=len(cuts) + 1).tolist()
            counts[zero_bin] += zeros[column]
            counted[name] = [*counts, missing[column]]
        return counted


def _cuts(histogram: Histogram) -> NDArray[np.float32]:
    """Return where one bin ends and the next begins, one cut fewer than bins.

    Edges are float64, features float32: an edge is the smallest float32 that is not below it.
    """
    inner = np.array(histogram.edges[1:-1], dtype=np.float64)
    cuts = inner.astype(np.float32)
    low = cuts < inner
    cuts[low] = np.nextafter(cuts[low], np.float32(np.inf))
    return cuts


def add_counts(mine: Counts, theirs: Mapping[str, Sequence[int]]) -> None:
    """Add the counts of another part of the file."""
    for name, counts in theirs.items():
        before = mine.get(name)
        mine[name] = list(counts) if before is None else [a + b for a, b in zip(before, counts, strict=True)]


def stability_index(expected: Sequence[int], found: Sequence[int]) -> float:
    """Return the population stability index of two histograms with the same bins, neither of them empty."""
    all_expected, all_found = sum(expected), sum(found)
    index = 0.0
    for one, other in zip(expected, found, strict=True):
        p, q = max(one / all_expected, LEAST_SHARE), max(other / all_found, LEAST_SHARE)
        index += (q - p) * math.log(q / p)
    return index


def _compare(histogram: Histogram, found: Sequence[int], *, with_missing: bool) -> float | None:
    if with_missing:
        expected: Sequence[int] = [*histogram.counts, histogram.missing]
    else:
        expected, found = histogram.counts, found[:-1]
    if sum(found) < MIN_ROWS or not sum(expected):
        return None
    return round(stability_index(expected, found), 4)


def similar_histograms(manifest: Manifest) -> Mapping[str, Histogram]:
    """Return the histograms that similar drives are compared with; none without a calibration for them."""
    return {} if manifest.similar is None else manifest.similar.histograms


def drift_summary(
    trained: Mapping[str, Sequence[int]], similar: Mapping[str, Sequence[int]], manifest: Manifest
) -> dict[str, Any]:
    """Return a summary's `DRIFT_FIELDS` from a whole file's counts by scope, see `DriftCounter.count`."""
    return {
        **_summary(trained, manifest.features, manifest.histograms, with_missing=True),
        "similar": None
        if manifest.similar is None
        else _summary(similar, manifest.features, manifest.similar.histograms, with_missing=False),
    }


def _summary(
    counts: Mapping[str, Sequence[int]],
    features: Sequence[Feature],
    histograms: Mapping[str, Histogram],
    *,
    with_missing: bool,
) -> dict[str, Any]:
    psi = {
        feature.name: _compare(
            histograms[feature.name],
            counts.get(feature.name, ()),
            # A change is missing where there is no earlier file, which says nothing about the fleet.
            with_missing=with_missing and feature.kind == "value",
        )
        for feature in features
        if feature.name in histograms and histograms[feature.name].counts
    }
    known = {name: index for name, index in psi.items() if index is not None}
    worst = max(known, key=lambda name: (known[name], name), default=None)
    return {
        "threshold": DRIFTED,
        "min_rows": MIN_ROWS,
        "psi": psi,
        "worst": None if worst is None else {"feature": worst, "psi": known[worst]},
    }


def drift_line(path: str, summary: Mapping[str, Any]) -> str | None:
    """Return one line for the log with every feature that has drifted, the farthest first; None without any.

    infra/queries/drift.kql reads it: ``drift: <feature> psi <index>, <feature> psi <index> in <path>``.
    It is one for all of them, because every line of every file is paid for. Features of similar drives are
    called ``similar <feature>``.
    """
    drift = summary["drift"]
    scopes = [("", drift), *([("similar ", drift["similar"])] if drift["similar"] else [])]
    drifted = [
        (index, f"{scope}{name}")
        for scope, found in scopes
        for name, index in found["psi"].items()
        if index is not None and index > DRIFTED
    ]
    if not drifted:
        return None
    features = ", ".join(f"{name} psi {index:.4f}" for index, name in sorted(drifted, reverse=True))
    return f"drift: {features} in {path}"
