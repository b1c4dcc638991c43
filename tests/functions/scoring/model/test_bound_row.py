"""One row by bound buffers scores as it does among others, in every thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from functions.scoring.model.scorer import Scorer
from tests.support.small_model import training_rows


@pytest.fixture(scope="module")
def rows() -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    found: np.ndarray[tuple[int, int], np.dtype[np.float32]] = training_rows()[0][:200].astype(np.float32)
    return found


def test_each_row_scores_as_among_all(
    scorer: Scorer, rows: np.ndarray[tuple[int, int], np.dtype[np.float32]]
) -> None:
    _, among_others = scorer.model.predict(rows)
    assert len(set(among_others.tolist())) > 10
    alone = [scorer.model.probability_of_one(row[np.newaxis]) for row in rows]
    assert np.array(alone).tobytes() == among_others.tobytes()


def test_threads_do_not_share_buffers(
    scorer: Scorer, rows: np.ndarray[tuple[int, int], np.dtype[np.float32]]
) -> None:
    _, expected = scorer.model.predict(rows)

    def score(start: int) -> bool:
        order = [(start + place) % len(rows) for place in range(len(rows))] * 5
        found = [scorer.model.probability_of_one(rows[place : place + 1]) for place in order]
        return np.array(found).tobytes() == expected[order].tobytes()

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(score, range(0, 160, 20)))


def test_a_result_stays_when_the_next_row_is_scored(
    scorer: Scorer, rows: np.ndarray[tuple[int, int], np.dtype[np.float32]]
) -> None:
    _, expected = scorer.model.predict(rows)
    least, most = int(expected.argmin()), int(expected.argmax())
    first = scorer.model.probability_of_one(rows[least : least + 1])
    scorer.model.probability_of_one(rows[most : most + 1])
    assert first == expected[least] != expected[most]
