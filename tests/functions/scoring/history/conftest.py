"""Every test begins with no day in memory."""

from __future__ import annotations

import pytest

from functions.scoring.history import day_cache
from functions.scoring.history.day_cache import DayCache


@pytest.fixture(autouse=True)
def _no_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(day_cache, "CACHE", DayCache())
