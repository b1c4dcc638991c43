"""The scopes in words, for the report, the model's card, the API and the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from functions.scoring.model.manifest import Manifest
    from functions.scoring.model.scope import Scope

SIMILAR_CALIBRATED = (
    "Another drive with platters that reports what the forecast rests on; its probability was calibrated on "
    "drives of many models."
)
SIMILAR_UNCALIBRATED = (
    "Another drive with platters that reports what the forecast rests on. Its risk ranks it; its probability "
    "is that of the trained drives, and no number of failures is made of it."
)
"""The scope ``similar`` of a model with a calibration for such drives, and of one without."""


SCOPE_MEANINGS: dict[Scope, str] = {
    "trained": "The model was trained on this drive model and its failures.",
    "similar": SIMILAR_CALIBRATED,
    "unknown": "A solid-state drive, or one that reports neither SMART 197 nor 198: no probability.",
}
"""Meaning of the scopes, of a model with a calibration for similar drives."""


def scope_meanings(manifest: Manifest) -> dict[Scope, str]:
    """Return the meaning of every scope of a model version, in one line each."""
    return SCOPE_MEANINGS if manifest.similar else {**SCOPE_MEANINGS, "similar": SIMILAR_UNCALIBRATED}
