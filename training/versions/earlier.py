"""The version that a new one is compared with on the windows."""

from __future__ import annotations

from pathlib import Path

from functions.scoring.model.onnx_model import Model
from training.errors import TrainingError
from training.reporting.evaluation_file import read_evaluated
from training.selection.windows import Earlier
from training.versions.recipe import recipe_of


def earlier_version(models: Path, name: str) -> Earlier:
    """Read a version, and find its recipe.

    Parameters
    ----------
    name : str
        Alias or version.

    Raises
    ------
    functions.errors.ModelError
        The version cannot be loaded, or has no evaluation.
    TrainingError
        It knows the windows' days, or its recipe cannot be fitted by this code.
    """
    model, evaluated = Model.load(models, name), read_evaluated(models, name)
    if model.manifest.lineage.get("beside"):
        raise TrainingError(
            f"{model.version} was trained on other fleets too, whose days the windows are of; train without "
            f"--compare-with: `compare` puts the windows of both versions side by side"
        )
    recipe = recipe_of(evaluated)
    if recipe is None:
        raise TrainingError(
            f"the recipe of {model.version} ({model.manifest.algorithm}) cannot be fitted by this code, so "
            "it cannot be scored on days that it knows; train without --compare-with"
        )
    return Earlier(recipe, model)
