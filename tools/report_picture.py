"""Draw docs/report.png: the report of a simulated fleet, as a real Chromium shows it.

    python -m tools.report_picture [--output FILE]

The fleet is made up, and its file's name says so on the picture. The earlier days it is compared with are
scored first. Chromium or Chrome is looked for on PATH; DRIVECAST_CHROMIUM names another one.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from functions import score
from tools.chromium import ABSENT, ARGUMENTS, chromium
from training.simulation.day_csv import write_day
from training.simulation.fleet import blocks

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "report.png"
NAME = "SIMULATED fleet, {date}.csv"

FIRST = dt.date(2025, 6, 1)
AGES = (28, 7, 0)
DRIVES, SEED, FAILURE_RATE = 20_000, 1, 0.014

WIDTH, HEIGHT = 1_000, 1_500


def report(folder: Path) -> Path:
    """Simulate a fleet, score its days, and return the report of the last one."""
    days = []
    for age in AGES:
        number = max(AGES) - age
        date = FIRST + dt.timedelta(days=number)
        days.append(folder / NAME.format(date=date))
        write_day(days[-1], date, number, blocks(DRIVES, SEED, FAILURE_RATE), SEED)
    options = ["--output", str(folder / "out"), "--history", str(folder / "history")]
    if score.main([*map(str, days), *options]):
        raise SystemExit("the simulated fleet could not be scored; see above")
    return folder / "out" / f"{days[-1].stem}.report.html"


def draw(page: Path, picture: Path, program: str) -> None:
    """Save the upper part of a page as PNG."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        window = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        window.goto(page.as_uri())
        window.screenshot(path=picture)
        browser.close()


def main() -> int:
    """Draw the picture; return 1 where there is no Chromium."""
    parser = argparse.ArgumentParser(prog="python -m tools.report_picture", description=__doc__)
    parser.add_argument("--output", type=Path, default=PICTURE, metavar="FILE")
    options = parser.parse_args()
    program = chromium()
    if program is None:
        sys.stderr.write(f"error: {ABSENT}\n")
        return 1
    with tempfile.TemporaryDirectory(prefix="report-picture-") as name:
        draw(report(Path(name)), options.output, program)
    sys.stdout.write(f"{options.output}: {options.output.stat().st_size // 1024} KiB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
