import math

import numpy as np

from functions.scoring.model.manifest import Thresholds
from functions.scoring.model.risk import ADVICE, LEVELS, risk_codes

THRESHOLDS = Thresholds(0.125, 0.25, 0.5)


def levels(*probabilities: float) -> list[str]:
    return [LEVELS[code] for code in risk_codes(np.array(probabilities, dtype=np.float32), THRESHOLDS)]


def test_a_threshold_reaches_its_level() -> None:
    assert levels(0, 0.125, 0.25, 0.5, 1) == ["low", "medium", "high", "critical", "critical"]


def test_just_below_it_does_not() -> None:
    below = [float(np.nextafter(np.float32(t), np.float32(0))) for t in (0.125, 0.25, 0.5)]
    assert levels(*below) == ["low", "medium", "high"]


def test_one_drive_is_judged_as_many() -> None:
    near = [float(np.nextafter(np.float32(t), np.float32(end))) for t in (0.125, 0.25, 0.5) for end in (0, 1)]
    for probability in (0.0, 0.125, 0.25, 0.5, 1.0, *near):
        assert levels(probability) == levels(probability, 0)[:1]
    assert levels(math.nan) == ["unknown"]


def test_without_a_probability_the_level_is_unknown() -> None:
    assert levels(0.0, math.nan, 0.9, math.nan) == ["low", "unknown", "critical", "unknown"]


def test_every_level_has_advice() -> None:
    assert ADVICE.keys() == set(LEVELS)
