"""One Chromium for a module's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.functions.pages.browsing import Visit
from tests.support.running_app import RunningApp
from tools.chromium import launch

type Visitor = Callable[..., Visit]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launch() as running:
        yield running


@pytest.fixture
def visit(browser: Browser, app: RunningApp) -> Visitor:
    """Open a window: ``with visit(width=390) as seen: seen.open("docs")``."""
    return lambda **options: Visit(browser, app.base_url, **options)
