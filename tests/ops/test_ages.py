from __future__ import annotations

from datetime import timedelta

import pytest

from ops.ages import in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "0 s"), (0, "0 s"), (59.9, "59 s"), (60, "1 min"), (7199, "1 h"), (86_400 * 3 + 5, "3 d")],
)
def test_the_largest_fitting_unit(seconds: float, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words
