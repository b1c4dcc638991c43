"""Facts of a run in evaluation.json beside the figures: protocol, headline, search, the shipped model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from training.fitting.fleet import ExtraFleet, Fleet, count
from training.metrics.thresholds import BUDGETS
from training.protocol.splits import HELD_OUT_FRACTION
from training.selection.forward_test import RESAMPLES, Tested
from training.selection.release import Release
from training.selection.search import SearchResult

_SEARCH_RULE = (
    "Average precision per drive in forward folds grouped by serial number, all before the test period. The "
    "simplest point within a standard error of the highest mean is chosen."
)


def protocol_record(fleet: Fleet, seed: int) -> dict[str, Any]:
    """Describe what the figures mean: dates, rows, drives and failures of every part.

    Parameters
    ----------
    seed : int
        Chose the held-out drives.
    """
    return {
        "horizon_days": fleet.horizon_days,
        "split": "forward in time, with an embargo of the horizon before validation and before test",
        "held_out_drives": HELD_OUT_FRACTION,
        "seed": seed,
        "decision": "one per drive, the highest probability of its rows in the part",
        "prevalence": "natural, validation and test are not sampled",
        "thresholds": "chosen on validation by alert budget, per 10,000 drives a month",
        "budgets": BUDGETS,
        "intervals": f"95 %, {RESAMPLES} bootstrap resamples of drives",
        "periods": [
            {name: [days.first.isoformat(), days.last.isoformat()] for name, days in split.parts()}
            for split in fleet.plan
        ],
        "parts": {name: count(fleet.part(name)) for name in ("train", "validation", "test")},
        "beside": [_extra_record(extra, fleet) for extra in fleet.extra],
    }


def _extra_record(extra: ExtraFleet, fleet: Fleet) -> dict[str, Any]:
    rows = extra.trainable(fleet.known_before)
    first, last = rows.select(first=pl.col("date").min(), last=pl.col("date").max()).row(0)
    return {
        "name": extra.name,
        "weight": extra.weight,
        "days": [first.isoformat(), last.isoformat()],
        **count(rows),
    }


def summary(tested: Tested, protocol: Mapping[str, Any]) -> str:
    """Return the headline figures in a paragraph with everything that is needed to read them.

    Parameters
    ----------
    protocol : mapping
        Of `protocol_record`.
    """
    test, period = protocol["parts"]["test"], protocol["periods"][-1]
    drives = tested.figures["all_drives"]["drives"]
    interval = tested.figures["all_drives"]["intervals"].get("average_precision")
    spread = f" (95 % interval {interval[0]:.3f} to {interval[1]:.3f})" if interval else ""
    recalls = ", ".join(
        f"{recall:.3f} at {float(rate):.2%}"
        for rate, recall in drives["recall_at_fpr"].items()
        if recall is not None
    )
    return (
        f"Forward test of the recipe, {period['test'][0]} to {period['test'][1]}, fitted on days up to "
        f"{period['train'][1]}: one decision per drive, {protocol['horizon_days']} days ahead, natural "
        f"prevalence {drives['prevalence']:.4f} ({test['failing_drives']:,} of {test['drives']:,} drives). "
        f"Average precision {drives['average_precision']:.3f}{spread}; "
        f"recall at false positive rates: {recalls}."
    )


def search_record(search: SearchResult | None) -> dict[str, Any] | None:
    """Return what is kept of a search; None when there was none."""
    if search is None:
        return None
    return {"rule": _SEARCH_RULE, "chosen": search.chosen._asdict(), "table": search.table}


def release_record(release: Release, fleet: Fleet, *, refit: bool) -> dict[str, Any]:
    """Say what is shipped, in words and numbers.

    Parameters
    ----------
    refit : bool
        Whether it was fitted again after the test.
    """
    trained = count(release.trained_on)
    first, last = release.trained_on.select(first=pl.col("date").min(), last=pl.col("date").max()).row(0)
    rows = (
        f"{trained['rows']:,} labelled drive-days of {trained['drives']:,} drives, {first} to {last}, "
        f"{trained['failing_drives']:,} of which fail"
    )
    for extra in fleet.extra:
        also = count(extra.trainable(None if refit else fleet.known_before))
        rows += (
            f", and its linear member on {also['rows']:,} of {also['drives']:,} drives of {extra.name} too, "
            f"{also['failing_drives']:,} of which fail, with weight {extra.weight:g}"
        )
    found = release.out_of_fold
    if refit:
        note = (
            f"After the test the same recipe was fitted once more on {rows}: the days of train, validation "
            "and test and those between them, without the held-out drives. This refitted model is what is "
            "shipped. The figures above are those of the forward test of the recipe before the refit; the "
            "shipped model itself has no test period left. Its calibration and thresholds come from scores "
            "of drives by models of the same recipe that were not fitted on them (four folds by serial "
            "number), at natural prevalence, a drive counting once in every 30 days; as many failures are "
            "expected as seen, of drive-days with an error counter above 0 and of the others. "
            "Those scores, of unseen drives but not of later days, have average precision "
            f"{found['average_precision']:.3f} at prevalence {found['prevalence']:.4f} per drive and month."
        )
    else:
        note = (
            f"The tested model itself is shipped. It was fitted on {rows}; it was calibrated, and its "
            "thresholds were chosen, on validation."
        )
    return {
        "refit": refit,
        "note": note,
        "trained_on": trained,
        "out_of_fold": found or None,
        "calibration": {"scale": release.model.scale, "offset": release.model.offset},
    }
