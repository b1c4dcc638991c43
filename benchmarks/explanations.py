"""Explanations: rows a second in bulk, milliseconds for one drive, against the shap package.

    python -m benchmarks.explanations [--data FILE] [--runs 5] [--output FILE]

The champion explains drive-days of real telemetry where there is some, of a simulated fleet elsewhere: a
random sample, and those the batch engine explains (medium risk and above). shap's TreeExplainer explains the
same model's trees in the same process, and must come to the same contributions. Times are CPU seconds of the
process, so that neither a second core nor a busy machine counts.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.measuring.tables import markdown, report
from functions.scoring.model.manifest import EXPLAINER_FILE
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scope import TRAINED
from functions.scoring.model.scorer import Observations, Scorer
from tests.real_data import ST4000DM000
from training.commands.simulate import simulate
from training.fitting.observations import FleetHistory, Observed
from training.log_odds_model import LogOddsModel
from training.telemetry.data import read_telemetry
from training.versions.trees import tree_members

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import shap

ROOT = Path(__file__).resolve().parent.parent

ROWS = 20_000
REFERENCE_ROWS = 1_000
"""shap is timed on fewer rows, and its time taken per row."""

ONE_DRIVE_RUNS = 200
START = dt.date(2025, 6, 1)
"""First day of the simulated fleet."""

LIMIT_ROWS_A_SECOND = 20_000
LIMIT_ONE_DRIVE_MS = 3.0
AGREEMENT = 1e-6
"""Largest difference from shap's contributions that is rounding."""

type Matrix = NDArray[np.float32]


def drive_days(data: Path | None, attributes: tuple[int, ...]) -> tuple[str, Observed]:
    """Return what the drive-days are, and a lot of them with their history, in a fixed random order."""
    if data is not None:
        drives = pl.scan_parquet(data).select("serial_number").unique().collect()["serial_number"].sort()
        some = drives.gather_every(30).to_list()
        chosen = pl.scan_parquet(data).filter(pl.col("serial_number").is_in(some))
        frame = chosen.sort("serial_number", "date").collect()
        name = f"real telemetry ({data.stem})"
    else:
        with tempfile.TemporaryDirectory(prefix="explanations-") as folder:
            simulate(Path(folder), drives=4000, days=40, seed=1, start=START)
            frame = read_telemetry([folder], attributes, progress=False)
        name = "a simulated fleet"
    rows = np.random.default_rng(0).permutation(frame.height)[: 15 * ROWS]
    return name, FleetHistory(frame, attributes).observe(rows)


def cpu_seconds(work: Callable[[], object]) -> float:
    """Run something and return the CPU time this process took for it."""
    started = time.process_time()
    work()
    return time.process_time() - started


class ShapReference:
    """The shap package on the same model.

    Parameters
    ----------
    pipeline : LogOddsModel
        The model as training pickled it.
    """

    def __init__(self, pipeline: LogOddsModel) -> None:
        self._trees = [
            (shap.TreeExplainer(member, feature_perturbation="tree_path_dependent"), weight)
            for member, weight in tree_members(pipeline)
        ]

    def contributions(self, rows: Matrix) -> NDArray[np.float64]:
        """Return the (n, features) contributions of the trees, weighted as the model does."""
        values = rows.astype(np.float64)
        total: NDArray[np.float64] = np.zeros(values.shape)
        for explainer, weight in self._trees:
            total += weight * explainer.shap_values(values)
        return total

    def apart(self, scorer: Scorer, rows: Matrix) -> float:
        """Return the largest difference from the app's contributions, once the linear part is added."""
        arrays = dict(np.load(scorer.model.folder / EXPLAINER_FILE))
        filled = np.where(np.isnan(rows), arrays["linear_fill"], rows)
        linear = (filled - arrays["linear_center"]) * arrays["linear_coefficient"]
        by_feature = self.contributions(rows) + linear
        by_attribute = np.zeros((len(rows), len(scorer.explainer.attributes)))
        for feature, owner in enumerate(arrays["feature_attribute"]):
            by_attribute[:, owner] += by_feature[:, feature]
        return float(np.abs(by_attribute - scorer.explainer.contributions(rows)).max())


def one_drive(scorer: Scorer, observed: Observed, row: int) -> Callable[[], object]:
    """Return the explanation of one drive-day, from scores to sentences, ready to be run."""
    seen = Observations(
        np.full(1, TRAINED, dtype=np.int8),
        observed.now[row : row + 1],
        {days: values[row : row + 1] for days, values in observed.earlier.items()},
        {days: np.full(1, days, dtype=np.int32) for days in observed.earlier},
    )
    scores = scorer.score(seen)
    return lambda: scorer.reasons(seen, scores, np.zeros(1, dtype=np.intp))


def measure(scorer: Scorer, name: str, observed: Observed, rounds: int) -> dict[str, Any]:
    """Explain both kinds of drive-days and one drive, and have shap explain some of them."""
    manifest = scorer.model.manifest
    matrix = observed.matrix(manifest.features)
    at_risk = np.flatnonzero(scorer.model.predict(matrix)[1] >= manifest.thresholds.medium)
    sample, risky = matrix[:ROWS], matrix[at_risk[:ROWS]]
    few = sample[:REFERENCE_ROWS]
    reference = ShapReference(joblib.load(scorer.model.folder / "pipeline.joblib"))
    difference = reference.apart(scorer, np.concatenate([few, risky[:REFERENCE_ROWS]]))
    work: dict[str, tuple[Callable[[Matrix], object], Matrix]] = {
        "sample": (scorer.explainer.contributions, sample),
        "at_risk": (scorer.explainer.contributions, risky),
        "shap": (reference.contributions, few),
    }
    times: dict[str, list[float]] = {way: [] for way in work}
    for _ in range(rounds):
        for way, (explain, rows) in work.items():
            times[way].append(cpu_seconds(partial(explain, rows)) / len(rows))
    faster = statistics.median(a / b for a, b in zip(times["shap"], times["sample"], strict=True))
    alone = one_drive(scorer, observed, int(at_risk[0]))
    one_seconds = statistics.median(cpu_seconds(alone) for _ in range(ONE_DRIVE_RUNS))
    return {
        "model": manifest.version,
        "drive_days": name,
        "runs": rounds,
        "rows": {way: len(rows) for way, (_, rows) in work.items()},
        "rows_a_second": {way: round(1 / statistics.median(found)) for way, found in times.items()},
        "times_faster_than_shap": round(faster, 1),
        "largest_difference_from_shap": float(f"{difference:.1e}"),
        "one_drive_ms": round(one_seconds * 1e3, 3),
        "limits": {"rows_a_second": LIMIT_ROWS_A_SECOND, "one_drive_ms": LIMIT_ONE_DRIVE_MS},
    }


def as_text(result: dict[str, Any]) -> str:
    """Return the result as Markdown."""
    titles = {
        "sample": "a random sample of drive-days",
        "at_risk": "drive-days of medium risk and above",
        "shap": "shap's TreeExplainer, from the random sample",
    }
    rows = [
        [title, f"{result['rows'][way]:,}", f"{result['rows_a_second'][way]:,}"]
        for way, title in titles.items()
    ]
    return (
        f"Model {result['model']}, {result['drive_days']}, one core; medians of {result['runs']} rounds; "
        f"limit {LIMIT_ROWS_A_SECOND:,} rows a second\n\n"
        f"{markdown(['', 'rows', 'rows a second'], rows)}\n"
        f"{result['times_faster_than_shap']:.0f} times as fast as shap; largest difference of a contribution "
        f"{result['largest_difference_from_shap']:.1e} log-odds. One drive, from score to sentences: "
        f"{result['one_drive_ms']:.2f} ms (limit {LIMIT_ONE_DRIVE_MS:g}).\n"
    )


def main() -> int:
    """Measure, print, and return 1 when a limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explanations", description=__doc__)
    real = ST4000DM000 if ST4000DM000.is_file() else None
    parser.add_argument("--data", type=Path, default=real, help="Parquet file of telemetry")
    parser.add_argument("--simulated", action="store_true", help="a simulated fleet in any case")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--output", type=Path, help="also write the figures as JSON, and the table beside it")
    options = parser.parse_args()
    scorer = Scorer(Model.load(ROOT / "models"))
    name, observed = drive_days(None if options.simulated else options.data, scorer.attributes)
    result = measure(scorer, name, observed, options.runs)
    report(as_text(result), result, options.output)
    if result["largest_difference_from_shap"] > AGREEMENT:
        raise SystemExit(f"that is too far away from shap: up to {AGREEMENT:g} is rounding")
    rates = result["rows_a_second"]
    slow = min(rates["sample"], rates["at_risk"]) < LIMIT_ROWS_A_SECOND
    return int(slow or result["one_drive_ms"] > LIMIT_ONE_DRIVE_MS)


if __name__ == "__main__":
    sys.exit(main())
