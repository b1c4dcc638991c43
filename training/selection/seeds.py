"""How far a forward test's figures move when nothing but the seed of sampling and fitting changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from training.fitting.candidates import Candidate
from training.fitting.training_rows import Draws
from training.metrics import evaluate
from training.selection.forward_test import Part, Tested, fit_calibrated, levels


def over_seeds(
    tested: Mapping[str, Tested],
    draws: Draws,
    validation: Part,
    test: Part,
    seed: int,
    others: Iterable[int],
) -> None:
    """Repeat the forward test of every candidate with other seeds, and add ``over_seeds`` to its figures.

    The drives held out and the days of every part stay as they are; which rows are drawn, what is hidden from
    them and how members are fitted changes.

    Parameters
    ----------
    tested : mapping of str to Tested
        By name, with the figures of the first seed.
    draws : Draws
        Of the training part.
    seed : int
        The one ``tested`` was made with.
    others : iterable of int
        Further ones.
    """
    found = {name: [_first(one)] for name, one in tested.items()}
    seeds = [seed]
    for other in others:
        seeds.append(other)
        for name, one in tested.items():
            again = one.candidate.fitted
            found[name].append(
                _again(one.candidate, draws, validation, test, other) if again else found[name][0]
            )
    for name, one in tested.items():
        one.figures["over_seeds"] = _spread(found[name], seeds)


def _first(tested: Tested) -> dict[str, float | None]:
    return _flat(tested.figures["all_drives"])


def _again(
    candidate: Candidate, draws: Draws, validation: Part, test: Part, seed: int
) -> dict[str, float | None]:
    ranker, calibration, thresholds = fit_calibrated(candidate, draws, validation, seed)
    probability = calibration.probability(test.score(ranker, candidate.features))
    return _flat(evaluate.evaluate(test.frame, probability, levels(thresholds), resamples=0))


def _flat(figures: Mapping[str, Any]) -> dict[str, float | None]:
    drives, rows = figures["drives"], figures["rows"]
    return {
        "average_precision": drives["average_precision"],
        "roc_auc": drives["roc_auc"],
        **{f"recall_at_fpr_{rate}": recall for rate, recall in drives["recall_at_fpr"].items()},
        **{
            f"{name}_{level}": decided[name]
            for level, decided in figures["decisions"].items()
            for name in ("precision", "recall", "lift")
        },
        "row_brier": rows["brier"],
        "row_ece": rows["ece"],
    }


def _spread(found: Sequence[Mapping[str, float | None]], seeds: Sequence[int]) -> dict[str, Any]:
    spread: dict[str, Any] = {"seeds": list(seeds)}
    for name in found[0]:
        values = [one[name] for one in found]
        there = np.array([value for value in values if value is not None])
        spread[name] = {
            "values": values,
            "mean": float(there.mean()) if there.size else None,
            "sd": float(there.std(ddof=1)) if there.size > 1 else None,
            "min": float(there.min()) if there.size else None,
            "max": float(there.max()) if there.size else None,
        }
    return spread
