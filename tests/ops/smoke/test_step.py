from __future__ import annotations

import pytest

from ops.errors import OpsError
from ops.smoke.step import Clock


def test_the_clock_runs_out() -> None:
    clock = Clock(60)
    assert 50 < clock.left <= 60
    clock.check()
    over = Clock(0)
    assert over.left == 0
    with pytest.raises(OpsError, match=r"\b0 s\b"):
        over.check()
