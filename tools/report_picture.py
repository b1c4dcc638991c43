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

from playwright.sync_api import Browser

from functions import score
from tools.chromium import launch
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


def draw(browser: Browser, page: Path, picture: Path) -> None:
    """Save the upper part of a page as PNG."""
    window = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
    window.goto(page.as_uri())
    window.screenshot(path=picture)


def main() -> None:
    """Draw the picture."""
    parser = argparse.ArgumentParser(prog="python -m tools.report_picture", description=__doc__)
    parser.add_argument("--output", type=Path, default=PICTURE, metavar="FILE")
    options = parser.parse_args()
    with launch() as browser, tempfile.TemporaryDirectory(prefix="report-picture-") as name:
        draw(browser, report(Path(name)), options.output)
    sys.stdout.write(f"{options.output}: {options.output.stat().st_size // 1024} KiB\n")


if __name__ == "__main__":
    main()
