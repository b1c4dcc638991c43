"""The queue of the kill tests does not pass over a try that raised: in production it counts."""

from __future__ import annotations

import pytest

from tests.support.mortal_worker import MortalWorkers

NO_TASK = "no message of ours"


@pytest.mark.parametrize("raises", [0, 2])
def test_a_try_that_raises_fails_the_test(raises: int) -> None:
    workers = MortalWorkers({"AzureWebJobsStorage": "UseDevelopmentStorage=true"}, seed=1)
    with pytest.raises(AssertionError, match=str(NO_TASK)):
        workers.work([NO_TASK], raises=raises)
    assert (workers.tries, workers.raised) == (raises + 1, raises + 1)
