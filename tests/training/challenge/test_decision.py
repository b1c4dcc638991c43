from __future__ import annotations

import io
import json
import re
from typing import Any

import msgspec
import numpy as np
import pytest
from rich.console import Console

from training.challenge.decision import Decision, decide
from training.challenge.incumbent import Incumbent
from training.challenge.report import show
from training.metrics.drive_scores import DriveScores

pytestmark = pytest.mark.slow

PROTOCOL: dict[str, Any] = {
    "split": "forward in time",
    "horizon_days": 30,
    "periods": [{"train": ["2018-01-02", "2018-02-15"]}, {"test": ["2018-05-05", "2018-05-31"]}],
}
WHY = "It was made before."
LABEL = (np.arange(3000) < 60).astype(np.int8)


def scores(skill: float, seed: int = 0, label: np.ndarray[Any, np.dtype[np.int8]] = LABEL) -> DriveScores:
    noise = np.random.default_rng(seed).normal(size=len(label))
    return DriveScores("the same drives", label, (noise + skill * label).astype(np.float32))


def decided(champion: DriveScores, new: DriveScores) -> Decision:
    return decide("v3", new, Incumbent("v2", "as served", WHY, champion), seed=0)


def test_a_version_better_beyond_chance_becomes_challenger() -> None:
    found = decided(scores(1.5), scores(3.0))
    figure = found.figures["average_precision"]
    assert found.better
    assert 0 < figure.low < figure.difference < figure.high
    assert figure.difference == pytest.approx(figure.new - figure.champion)
    assert re.search(r"\bv3\b.*\bchallenger\b", found.sentence())


def test_a_difference_within_the_noise_keeps_the_champion() -> None:
    found = decided(scores(2.0), scores(2.1, seed=1))
    figure = found.figures["average_precision"]
    assert figure.low < 0 < figure.high
    assert not found.better
    assert re.search(r"\bv2\b.*\bchampion\b.*\bv3\b", found.sentence())
    assert "challenger" not in found.sentence()


def test_better_on_the_whole_is_not_enough() -> None:
    """The point estimate is above 0 and the interval is not: a coin would often do as well."""
    label = LABEL[45:]
    found = decided(scores(1.8, label=label), scores(2.1, seed=4, label=label))
    assert found.figures["average_precision"].difference > 0
    assert not found.better
    assert " 15 " in found.sentence()


@pytest.mark.parametrize("new", [scores(2.0), scores(0.5)], ids=["the same", "worse"])
def test_the_same_or_a_worse_version_is_not_registered(new: DriveScores) -> None:
    assert not decided(scores(2.0), new).better


def test_other_drives_do_not_compare() -> None:
    with pytest.raises(ValueError, match="drives"):
        decided(scores(1.0), DriveScores("others", LABEL, scores(2.0).score))


def test_the_document_says_what_was_compared_and_how() -> None:
    found = decided(scores(1.5), scores(3.0))
    document = json.loads(msgspec.json.encode(found.document(PROTOCOL, "abc")))
    assert (document["registered"], document["alias"]) == (True, "challenger")
    assert document["champion_scored"] == "as served"
    assert document["why"] == WHY
    assert document["test"] == {
        "split": "forward in time",
        "horizon_days": 30,
        "days": [["2018-05-05", "2018-05-31"]],
        "drives": 3000,
        "failing_drives": 60,
        "prevalence": 0.02,
        "data_digest": "abc",
    }
    assert set(document["figures"]) == {
        "average_precision",
        *(f"recall_at_fpr_{rate}" for rate in ("0.0002", "0.001", "0.01")),
    }
    assert decided(scores(3.0), scores(1.5)).document(PROTOCOL, "abc")["alias"] is None


def test_the_same_scores_and_seed_give_the_same_document() -> None:
    documents = [decided(scores(1.5), scores(2.0)).document(PROTOCOL, "abc") for _ in range(2)]
    assert documents[0] == documents[1]


def test_what_is_printed_has_split_horizon_and_prevalence_beside_the_figures() -> None:
    out = io.StringIO()
    found = decided(scores(1.5), scores(3.0))
    show(Console(file=out, width=160), found, PROTOCOL)
    text = " ".join(out.getvalue().split())
    for part in ("2018-05-05 to 2018-05-31", "30 days ahead", "prevalence 2.00%", "forward in time"):
        assert part in text
    assert "v2 (as served)" in text
    assert WHY in text
    assert found.sentence() in text
