"""Cold start: fresh interpreter to first answer, against pandas, scikit-learn and the unpickled pipeline.

    python -m benchmarks.cold_start [--runs 7] [--output FILE]

Both programs answer for the same drive with the same model version. Runs alternate, so that a busy machine
slows both; the ratio of each pair is what counts, of wall time and of CPU time. Resident memory is the
process's largest, as the kernel accounts it. `benchmarks.import_profile` says what the time goes to.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks.measuring.processes import ROOT, Run, median_ratio, medians, run_command
from benchmarks.measuring.tables import markdown, report

LIMIT = 0.35
"""The app's first answer must come in at most this share of the other's time."""

LIMIT_MIB = 110
"""Most memory of the app then."""

OURS = """
import json, function_app
from functions.scoring.online.forecast import forecast
from functions.serving.models import scorer
answer = forecast(json.loads(r'''{record}'''), scorer())
assert 0 < answer.probability < 1
"""

THEIRS = """
import json, sys
import joblib, pandas as pd, sklearn
sys.path.insert(0, r'{root}')
pipeline = joblib.load(r'{pipeline}')
row = json.loads(r'''{record}''')
frame = pd.DataFrame([[row.get(name) for name in {columns}]], columns={columns}, dtype='float32')
assert 0 < pipeline.predict_proba(frame.to_numpy())[0, 1] < 1
"""

RECORD = {
    "date": "2018-03-29",
    "serial_number": "Z300EXAMPLE",
    "model": "ST4000DM000",
    "smart_5_raw": 24,
    "smart_187_raw": 2,
    "smart_188_raw": 4295032833,
    "smart_197_raw": 8,
    "smart_198_raw": 8,
}


def programs() -> tuple[str, str]:
    """Return the two programs as source text."""
    registry = json.loads((ROOT / "models" / "registry.json").read_text())
    folder = ROOT / "models" / registry["aliases"]["champion"]
    features = json.loads((folder / "manifest.json").read_text())["features"]
    columns = [feature["name"] for feature in features]
    record = json.dumps(RECORD)
    return (
        OURS.format(record=record),
        THEIRS.format(root=ROOT, pipeline=folder / "pipeline.joblib", record=record, columns=columns),
    )


def start(program: str) -> Run:
    """Run a program in a fresh interpreter."""
    return run_command([sys.executable, "-c", program])


def main() -> int:
    """Measure, print, and return 1 when a limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cold_start", description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--output", type=Path, help="also write the figures as JSON, and the table beside it")
    options = parser.parse_args()
    runs: dict[str, list[Run]] = {"ours": [], "theirs": []}
    for number in range(options.runs + 1):  # the first fills the disk's cache
        for way, program in zip(runs, programs(), strict=True):
            each = start(program)
            if number:
                runs[way].append(each)
    ours, theirs = runs.values()
    ratios = {field: round(median_ratio(ours, theirs, field), 3) for field in ("seconds", "cpu_seconds")}
    result = {
        "ours": medians(ours),
        "pandas_scikit_learn": medians(theirs),
        "ratio": ratios["seconds"],
        "cpu_ratio": ratios["cpu_seconds"],
        "limits": {"ratio": LIMIT, "peak_mib": LIMIT_MIB},
        "runs": options.runs,
    }
    rows: list[list[object]] = [
        ["the app, first answer", *medians(ours).values()],
        ["pandas, scikit-learn, joblib", *medians(theirs).values()],
        ["ratio", ratios["seconds"], ratios["cpu_seconds"], ""],
    ]
    title = f"Medians of {options.runs} pairs; limits: ratio {LIMIT}, {LIMIT_MIB} MiB\n\n"
    report(title + markdown(["", "seconds", "CPU seconds", "MiB"], rows), result, options.output)
    return int(ratios["seconds"] > LIMIT or max(run.peak_mib for run in ours) > LIMIT_MIB)


if __name__ == "__main__":
    sys.exit(main())
