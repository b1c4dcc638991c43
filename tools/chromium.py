"""Chromium, for what looks at pages in a browser: it takes the system's, and downloads none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

CHROMIUM_SETTING = "DRIVECAST_CHROMIUM"
"""Environment variable with the path of a Chromium or Chrome that is not on PATH under its usual name."""

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")

ABSENT = f"no Chromium on PATH ({', '.join(NAMES)}); name one in {CHROMIUM_SETTING}"


def chromium() -> str | None:
    """Return the path of a Chromium or Chrome; None when there is none."""
    given = os.environ.get(CHROMIUM_SETTING)
    return given or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def launch() -> Iterator[Browser]:
    """Start Chromium for a while; where there is none the program ends and says so."""
    program = chromium()
    if program is None:
        raise SystemExit(ABSENT)
    with sync_playwright() as playwright:
        # Containers without user namespaces cannot give it its sandbox; the pages are ours.
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        running.close()
