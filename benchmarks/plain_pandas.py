"""The program most people write: read the whole file, one call of the model, write the result.

    python -m benchmarks.plain_pandas FILE OUTPUT

It does less than the batch engine: raw values are taken as they are, nothing is checked or rejected, there
are no reasons, no summary and no history. Of each row it writes date, serial number, model and probability.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import joblib
import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent


def main(source: str, output: str) -> None:
    """Score one file."""
    registry = json.loads((ROOT / "models" / "registry.json").read_text())
    folder = ROOT / "models" / registry["aliases"]["champion"]
    features = json.loads((folder / "manifest.json").read_text())["features"]
    pipeline = joblib.load(folder / "pipeline.joblib")
    frame = pd.read_csv(source)
    matrix = pd.DataFrame(index=frame.index)
    for feature in features:
        values = frame[f"smart_{feature['attribute']}_raw"] if feature["kind"] == "value" else np.nan
        matrix[feature["name"]] = np.log1p(values) if feature.get("transform") == "log1p" else values
    frame["probability"] = pipeline.predict_proba(matrix.to_numpy(dtype=np.float32))[:, 1]
    frame[["date", "serial_number", "model", "probability"]].to_csv(output, index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
