from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.scripted_receiver import ScriptedReceiver, scripted_receiver


@pytest.fixture
def receiver() -> Iterator[ScriptedReceiver]:
    """An HTTP server that does as it is told."""
    with scripted_receiver() as running:
        yield running
