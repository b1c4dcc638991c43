"""Where Chromium is: what looks at pages in a browser takes the system's, and downloads none."""

from __future__ import annotations

import os
import shutil

CHROMIUM_SETTING = "DRIVECAST_CHROMIUM"
"""Environment variable with the path of a Chromium or Chrome that is not on PATH under its usual name."""

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")

ABSENT = f"no Chromium on PATH ({', '.join(NAMES)}); name one in {CHROMIUM_SETTING}"

ARGUMENTS = ("--no-sandbox",)
"""Containers without user namespaces cannot give Chromium its sandbox; the pages are ours."""


def chromium() -> str | None:
    """Return the path of a Chromium or Chrome; None when there is none."""
    given = os.environ.get(CHROMIUM_SETTING)
    return given or next(filter(None, map(shutil.which, NAMES)), None)
