"""The app's pages in a real Chromium, and everything they ask for or complain about."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from tests.support.needed_program import needs
from tools.chromium import ABSENT, chromium

in_chromium = [pytest.mark.slow, needs(chromium(), ABSENT)]
"""Marks of a module whose tests need a browser."""

PHONES = (390, 320)
"""Widths of phones, in pixels."""

HOSTILE = "<img src=x onerror=document.title='taken'>"
"""Text that runs where it is taken for markup."""


class Visit:
    """A window of its own, with a fresh profile.

    Parameters
    ----------
    browser : Browser
    base_url : str
        Of the app.
    width : int
        Of the window, in pixels.
    dark : bool
        Whether the system is set to dark.
    """

    def __init__(self, browser: Browser, base_url: str, width: int = 1000, *, dark: bool = False) -> None:
        self.base_url = base_url
        self.context = browser.new_context(
            viewport=ViewportSize(width=width, height=844), color_scheme="dark" if dark else "light"
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def open(self, path: str) -> Page:
        """Open a page of the app; return it."""
        self.page.goto(f"{self.base_url}/api/{path}")
        return self.page

    def text(self, selector: str) -> str:
        """Return the text that is seen of an element, once it is there."""
        return self.page.locator(selector).first.inner_text()

    def foreign(self) -> list[str]:
        """Return the requests that went to another host."""
        return [url for url in self.requests if not url.startswith(f"{self.base_url}/")]

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        found: int = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return found
