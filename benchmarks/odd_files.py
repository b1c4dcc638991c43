"""Files that are not as the parser likes them: what a row costs, beside a row of an ordinary file.

    python -m benchmarks.odd_files [--drives 60000] [--runs 3] [--output FILE]

One simulated day in the published schema of 2025 (60,000 rows, 23 MB) and the same rows written in other
ways, each scored by `python -m functions.score` in a process of its own; the files take turns.
"""

from __future__ import annotations

import argparse
import gzip
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.fleet_files import fleet_days
from benchmarks.measuring.processes import Run, medians, run, run_failing
from benchmarks.measuring.tables import markdown, report

LIMIT_RATIO = 6.0
"""CPU seconds for the most expensive of them, to the ordinary file's, process start left out."""

LIMIT_REFUSED = 15.0
"""The same for a file that is refused: 100 KB of gzip may cost as much as 15 ordinary files of 23 MB."""

LIMIT_MIB = 300

NARROW = b"date,serial_number,model,smart_5_raw\n"
"""The header under which most lines fit into a file."""

type Lines = list[bytes]


def quote(line: bytes) -> bytes:
    """Put every field of a line into quotes."""
    return b'"' + line.rstrip(b"\n").replace(b",", b'","') + b'"\n'


def one_of(lines: Lines, step: int, change: Callable[[bytes], bytes]) -> Iterator[bytes]:
    """Change every n-th line, but not the header."""
    return (change(line) if number % step == step - 1 else line for number, line in enumerate(lines))


def damage(line: bytes) -> bytes:
    """Put a quote into the model, in quotes: it is neither doubled nor a closing one."""
    return line.replace(b'","', b'","x"x', 1)


def ways(lines: Lines) -> dict[str, bytes]:
    """Return the files, given the lines of an ordinary one."""
    head, *rows = lines
    in_quotes = [quote(line) for line in lines]
    return {
        "ordinary": b"".join(lines),
        "no rows": head,
        "all in quotes": b"".join(in_quotes),
        "all in quotes, a wrong quote in one row of 500": b"".join(one_of(in_quotes, 500, damage)),
        "a quote left open in every third row": b"".join(
            one_of(lines, 3, lambda line: line.replace(b",", b',"', 2))
        ),
        "the date of one row in 1,000 wrong": b"".join(one_of(lines, 1_000, lambda line: b"x" + line)),
        "a blank line after every second row": b"".join(one_of(lines, 2, lambda line: line + b"\n")),
        "every drive twice": head + 2 * b"".join(rows[: len(rows) // 2]),
        "a gzip member for every row": b"".join(gzip.compress(line, 1) for line in lines),
    }


def refused_files() -> dict[str, bytes]:
    """Return the files that fail as a whole."""
    feeds = gzip.compress(b"\n" * 10_000_000)
    return {
        "refused: a million columns, 1 KB of gzip": gzip.compress(NARROW[:-1] + b"," * 1_000_000 + b"\n"),
        "refused: 20 MB of line feeds": NARROW + b"\n" * 20_000_000,
        "refused: 100 million line feeds, 98 KB of gzip": gzip.compress(NARROW) + 10 * feeds,
    }


def write_files(folder: Path, drives: int) -> dict[str, Path]:
    """Write the files; return their paths by title."""
    (day,) = fleet_days(folder / "fleet", drives, [0])
    files = {}
    contents = ways(day.read_bytes().splitlines(keepends=True)) | refused_files()
    for number, (title, data) in enumerate(contents.items()):
        ending = ".csv.gz" if data.startswith(b"\x1f\x8b") else ".csv"
        files[title] = folder / f"{number}{ending}"
        files[title].write_bytes(data)
    return files


def measure(drives: int, rounds: int) -> dict[str, list[Run]]:
    """Return the runs of each file, round by round."""
    with tempfile.TemporaryDirectory(prefix="odd-files-") as name:
        # In a process of its own: the kernel counts what this one holds for those that it starts.
        with ProcessPoolExecutor(1) as apart:
            files = apart.submit(write_files, Path(name), drives).result()
        folder = Path(name)
        runs: dict[str, list[Run]] = {title: [] for title in files}
        for _ in range(rounds):
            for title, found in runs.items():
                output = folder / f"out-{files[title].stem}"
                score = run_failing if is_refused(title) else run
                found.append(score("functions.score", files[title], "--output", output))
        return runs


def is_refused(title: str) -> bool:
    """Whether the command has to fail for a file."""
    return title.startswith("refused")


def beyond_start(runs: dict[str, list[Run]], title: str) -> float:
    """Return the CPU seconds of a file beyond those of one without rows."""
    pairs = zip(runs[title], runs["no rows"], strict=True)
    return statistics.median(mine.cpu_seconds - start.cpu_seconds for mine, start in pairs)


def main() -> int:
    """Measure, print, and return 1 when a limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.odd_files", description=__doc__)
    parser.add_argument("--drives", type=int, default=60_000)
    parser.add_argument("--runs", type=int, default=3, help="rounds of all files")
    parser.add_argument("--output", type=Path, help="also write the figures as JSON, and the table beside it")
    options = parser.parse_args()
    runs = measure(options.drives, options.runs)
    ordinary = beyond_start(runs, "ordinary")
    times = {title: round(beyond_start(runs, title) / ordinary, 1) for title in runs}
    rows = [[title, *medians(found).values(), times[title]] for title, found in runs.items()]
    table = markdown(["", "seconds", "CPU seconds", "peak MiB", "times the ordinary"], rows)
    most = max(found for title, found in times.items() if not is_refused(title))
    most_refused = max(found for title, found in times.items() if is_refused(title))
    peak = max(each.peak_mib for found in runs.values() for each in found)
    result = {
        "rows": options.drives,
        "runs": options.runs,
        "files": {title: {**medians(found), "times": times[title]} for title, found in runs.items()},
        "limits": {"times": LIMIT_RATIO, "times_refused": LIMIT_REFUSED, "peak_mib": LIMIT_MIB},
    }
    text = (
        f"{options.drives:,} drives; medians of {options.runs} rounds; the last column is of CPU seconds, "
        f"without the start of the process (limit {LIMIT_RATIO:g}, of refused files "
        f"{LIMIT_REFUSED:g}; of the peak {LIMIT_MIB} MiB)\n\n{table}"
    )
    report(text, result, options.output)
    return int(most > LIMIT_RATIO or most_refused > LIMIT_REFUSED or peak > LIMIT_MIB)


if __name__ == "__main__":
    sys.exit(main())
