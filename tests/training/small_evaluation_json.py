"""The content of evaluation.json, as training writes it, from a made-up test part."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from tests.training.drive_histories import fleet
from training.metrics import evaluate
from training.metrics.decisions import Drives, drives_of
from training.protocol.labels import label_drive_days

THRESHOLDS = {"medium": 0.4, "high": 0.6, "critical": 0.8}


def scored(skill: float) -> tuple[pl.DataFrame, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Return test rows and probabilities that know more with more skill."""
    rows = label_drive_days(fleet(200, 70, failing=40))
    logit = np.random.default_rng(1).normal(size=rows.height) + skill * rows["label"].to_numpy() - 2
    return rows, 1 / (1 + np.exp(-logit))


def drives(skill: float) -> Drives:
    """Return the scored drives of `scored`."""
    return drives_of(*scored(skill))


def evaluation(version: str, skill: float) -> dict[str, Any]:
    """Return an evaluation of a version beside the prevalence baseline."""
    rows, probability = scored(skill)

    def figures(title: str, score: np.ndarray[tuple[int], np.dtype[np.float64]]) -> dict[str, Any]:
        found = drives_of(rows, score)
        brief = evaluate.rank(found.label, found.score)
        return {
            "title": title,
            "all_drives": evaluate.evaluate(rows, score, THRESHOLDS, resamples=30),
            "unseen_drives": evaluate.evaluate(rows.head(2000), score[:2000], THRESHOLDS, resamples=30),
            "last_row_per_drive": brief,
            "without_history": brief,
            "drive_models": {"ST4000DM000": brief, "<b>odd & model</b>": brief},
        }

    part = {"rows": 10, "positive_rows": 2, "drives": 5, "failing_drives": 1}
    return {
        "version": version,
        "candidate": "own",
        "summary": "Forward test <of> the recipe.",
        "protocol": {
            "horizon_days": 30,
            "split": "forward in time, with an embargo",
            "held_out_drives": 0.15,
            "seed": 0,
            "decision": "one per drive",
            "prevalence": "natural",
            "thresholds": "chosen on validation",
            "intervals": "95 %",
            "budgets": {"critical": 5.0, "high": 20.0, "medium": 100.0},
            "periods": [
                {
                    "train": ["2018-01-02", "2018-02-15"],
                    "validation": ["2018-03-18", "2018-04-04"],
                    "test": ["2018-05-05", "2018-05-31"],
                }
            ],
            "parts": dict.fromkeys(("train", "validation", "test"), part),
        },
        "candidates": {
            "prevalence": figures("Prevalence", np.full(rows.height, 0.1)),
            "own": figures("Its own recipe", probability),
        },
        "release": {"note": "The tested model itself is shipped."},
        "search": None,
    }
