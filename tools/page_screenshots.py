"""``python -m tools.page_screenshots``: pictures of a running app's pages, for the documentation.

Written are docs/api-home.png and docs/api-docs.png, each with a forecast that the app gave. Start the app
first: ``make start``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.sync_api import Error, Page

from tools.chromium import launch

DOCS = Path(__file__).parents[1] / "docs"
WIDTH, HEIGHT = 1000, 1250
"""Pixels of the window."""

MOST_BYTES = 300_000
"""Largest picture that goes into the repository."""


def home(page: Page, url: str) -> None:
    """Have the example forecast."""
    page.goto(f"{url}/api/")
    page.click("#example")
    page.wait_for_selector("#forecast svg rect")


def docs(page: Page, url: str) -> None:
    """Open an endpoint and send its example."""
    page.goto(f"{url}/api/docs#predict")
    page.click("#predict button.main")
    page.wait_for_selector("#predict .answer")
    page.evaluate("window.scrollTo(0, document.querySelector('#predict').offsetTop - 60)")


PICTURES: dict[str, Callable[[Page, str], None]] = {"api-home.png": home, "api-docs.png": docs}


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the pictures; the program ends when one cannot be made or is too large."""
    parser = argparse.ArgumentParser("python -m tools.page_screenshots", description=__doc__)
    parser.add_argument("--url", default="http://localhost:7071", help="where the app is (%(default)s)")
    parser.add_argument("--folder", type=Path, default=DOCS, help="where the pictures go (docs)")
    options = parser.parse_args(arguments)
    with launch() as running:
        page = running.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        for name, prepare in PICTURES.items():
            try:
                prepare(page, options.url.rstrip("/"))
            except Error as error:
                raise SystemExit(f"{error.message.splitlines()[0]}; does the app run?") from error
            size = len(page.screenshot(path=options.folder / name))
            sys.stdout.write(f"{name}: {size:,} bytes\n")
            if size > MOST_BYTES:
                raise SystemExit(f"{name} is larger than {MOST_BYTES:,} bytes")


if __name__ == "__main__":
    main()
