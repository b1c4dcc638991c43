"""The served model as an MLflow model: named features in, log-odds and probability out.

MLflow copies this file beside the model and runs it on ``mlflow.pyfunc.load_model``. It imports nothing of
this project, so the model loads wherever MLflow, pandas and ONNX Runtime are installed, and it unpickles
nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel


class ServedModel(PythonModel):
    """A version's ``model.onnx``, asked with a table whose columns are the manifest's features."""

    def load_context(self, context: Any) -> None:
        """Open ``model.onnx``, and read the order of its features from ``manifest.json``."""
        manifest = json.loads(Path(context.artifacts["manifest"]).read_bytes())
        self.features = [feature["name"] for feature in manifest["features"]]
        self.session = ort.InferenceSession(
            Path(context.artifacts["model"]).read_bytes(), providers=["CPUExecutionProvider"]
        )

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:  # noqa: ARG002 - MLflow's
        """Score rows; NaN is a feature that is missing."""
        rows = model_input[self.features].to_numpy(dtype=np.float32)
        # A lone row's trees are summed in another order; as one of two it scores as it does in a file.
        padded = np.repeat(rows, 2, axis=0) if len(rows) == 1 else rows
        log_odds, probability = self.session.run(["log_odds", "probability"], {"features": padded})
        columns = {"log_odds": log_odds, "probability": probability}
        return pd.DataFrame({name: values.ravel()[: len(rows)] for name, values in columns.items()})


set_model(ServedModel())
