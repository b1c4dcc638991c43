"""Batch memory: peak resident memory of `python -m functions.score` as files grow.

    python -m benchmarks.batch_memory [--drives N ...] [--output FILE]

Each file is one simulated day in the published schema (197 columns, about 400 bytes a row), scored in a
process of its own with history snapshots written. The figure is the largest resident set of that process, as
the kernel accounts it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

LIMIT_MIB = 400
"""What the largest file may take."""


def run(*arguments: str) -> int:
    """Run a module of this project; return its largest resident set in MiB."""
    process = subprocess.Popen([sys.executable, "-m", *arguments], cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"python -m {' '.join(arguments)} ended with {process.returncode}")
    return usage.ru_maxrss // 1024


def measure(drives: int) -> dict[str, int]:
    """Simulate a day of so many drives, score it, and return sizes and peak."""
    with tempfile.TemporaryDirectory(prefix="batch-memory-") as folder:
        fleet = Path(folder, "fleet")
        run(
            "training",
            "simulate",
            "--drives",
            str(drives),
            "--days",
            "1",
            "--seed",
            "1",
            "--output",
            str(fleet),
        )
        (day,) = fleet.glob("*.csv")
        history = str(Path(folder, "history"))
        peak = run("functions.score", str(day), "--output", folder, "--history", history)
        return {"drives": drives, "file_mb": day.stat().st_size // 10**6, "peak_mib": peak}


def main() -> int:
    """Measure, print, and return 1 when the limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch_memory", description=__doc__)
    parser.add_argument("--drives", type=int, nargs="+", default=[30_000, 300_000, 2_500_000])
    parser.add_argument("--output", type=Path, help="also write the figures as JSON")
    options = parser.parse_args()
    results = [measure(drives) for drives in options.drives]
    text = json.dumps({"limit_mib": LIMIT_MIB, "files": results}, indent=2)
    print(text)
    if options.output:
        options.output.write_text(text + "\n")
    return int(max(result["peak_mib"] for result in results) > LIMIT_MIB)


if __name__ == "__main__":
    sys.exit(main())
