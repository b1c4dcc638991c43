"""The drives of a scored CSV that are most likely to fail."""

from __future__ import annotations

import csv
import heapq
from dataclasses import dataclass
from pathlib import Path

UNKNOWN = "unknown"
"""The risk level of drives that nothing is known of."""


@dataclass(frozen=True)
class ScoredDrive:
    """One line of a scored CSV; the first reason is empty below medium risk."""

    date: str
    serial_number: str
    model: str
    probability: float
    risk: str
    scope: str
    reason: str


def worst(path: Path, count: int) -> list[ScoredDrive]:
    """Return the *count* drives of a scored CSV with the highest probability, in order.

    Drives of unknown risk are left out: they have no probability.
    """
    with path.open(encoding="utf-8", newline="") as file:
        scored = (
            ScoredDrive(
                row["date"],
                row["serial_number"],
                row["model"],
                float(row["probability"]),
                row["risk"],
                row["scope"],
                row["reason_1"],
            )
            for row in csv.DictReader(file)
            if row["risk"] != UNKNOWN
        )
        return heapq.nsmallest(
            count, scored, key=lambda drive: (-drive.probability, drive.serial_number, drive.model)
        )
