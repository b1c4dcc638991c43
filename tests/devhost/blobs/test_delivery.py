"""How many blobs are worked on at once."""

import pytest

from devhost.blobs.delivery import parallel


@pytest.mark.parametrize(
    ("degree", "batch", "refill_at"),
    [(100, 32, 68), (64, 32, 32), (63, 32, 31), (62, 32, 30), (16, 9, 7), (3, 2, 1), (2, 2, 0), (1, 1, 0)],
)
def test_the_degree_of_parallelism_is_kept_as_by_the_extension(
    degree: int, batch: int, refill_at: int
) -> None:
    """The cases of its own test, ConvertsBlobOptionsToQueueOptionsCorrectly."""
    assert parallel(degree) == (batch, refill_at)
