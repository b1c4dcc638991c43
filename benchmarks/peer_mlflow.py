"""Write the champion's pipeline as an MLflow model, as its documentation shows; runs in MLflow's environment.

python benchmarks/peer_mlflow.py VERSION_FOLDER OUTPUT
"""

import json
import sys
from pathlib import Path

import joblib
import mlflow.sklearn
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema, TensorSpec


def main(version: str, output: str) -> None:
    """Write the model."""
    features = json.loads((Path(version) / "manifest.json").read_text())["features"]
    columns: list[ColSpec | TensorSpec] = [
        ColSpec(DataType.float, feature["name"], required=False) for feature in features
    ]
    mlflow.sklearn.save_model(
        joblib.load(Path(version) / "pipeline.joblib"),
        output,
        signature=ModelSignature(inputs=Schema(columns)),
        pyfunc_predict_fn="predict_proba",
        pip_requirements=["scikit-learn"],  # otherwise MLflow imports everything to find out
        serialization_format="pickle",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
