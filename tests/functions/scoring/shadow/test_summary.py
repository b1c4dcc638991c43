"""What the summary says of a comparison."""

import msgspec
import pytest
from sklearn.metrics import cohen_kappa_score

from functions.scoring.model.risk import LEVELS
from functions.scoring.shadow.rank_correlation import BINS
from functions.scoring.shadow.summary import CHALLENGER_FIELDS, shadow_summary
from functions.scoring.shadow.tally import Disagreement, ShadowTally

LOW, HIGH, CRITICAL, UNKNOWN = (LEVELS.index(level) for level in ("low", "high", "critical", "unknown"))


def pair(champion: int, challenger: int) -> int:
    return champion * len(LEVELS) + challenger


def test_a_comparison() -> None:
    counts = {
        pair(LOW, LOW): 90,
        pair(LOW, HIGH): 3,
        pair(HIGH, CRITICAL): 4,
        pair(HIGH, LOW): 1,
        pair(CRITICAL, UNKNOWN): 1,
        pair(UNKNOWN, UNKNOWN): 1,
    }
    row = Disagreement(-2.5, "A", "ST4000DM000", "2014-01-25", 7, 0.25, "high", 0.0625, "low")
    tally = ShadowTally("v3", counts, {0: 90, 3 * BINS + 5: 8}, [row], [])
    found = shadow_summary(tally)
    assert found.keys() == CHALLENGER_FIELDS.keys()
    assert found["alarms"] == {
        "from": "high",
        "both": 4,
        "champion_only": 2,
        "challenger_only": 3,
        "neither": 91,
    }
    assert (found["version"], found["status"], found["reason"]) == ("v3", "compared", None)
    assert (found["rows"], found["agreement"], found["rank_correlation"]) == (100, 0.95, 1.0)
    ours = [True] * 6 + [False] * 94
    theirs = [True] * 4 + [False] * 2 + [True] * 3 + [False] * 91
    assert found["kappa"] == pytest.approx(cohen_kappa_score(ours, theirs), abs=1e-6)
    assert found["risk"]["low"] == {"low": 90, "medium": 0, "high": 3, "critical": 0, "unknown": 0}
    assert found["risk"]["critical"]["unknown"] == 1
    assert sum(sum(row.values()) for row in found["risk"].values()) == 100
    assert found["drives"] == [
        {
            "alarm": "champion",
            "serial_number": "A",
            "model": "ST4000DM000",
            "date": "2014-01-25",
            "line": 7,
            "champion": {"probability": 0.25, "risk": "high"},
            "challenger": {"probability": 0.0625, "risk": "low"},
        }
    ]
    assert msgspec.json.decode(msgspec.json.encode(found)) == found


def test_no_rows() -> None:
    found = shadow_summary(ShadowTally("v3"))
    assert found["rows"] == 0
    assert found["agreement"] is found["kappa"] is found["rank_correlation"] is None
    assert found["drives"] == []


@pytest.mark.parametrize("level", [LOW, CRITICAL])
def test_all_on_one_side(level: int) -> None:
    found = shadow_summary(ShadowTally("v3", {pair(level, level): 5}, {0: 5}))
    assert (found["agreement"], found["kappa"]) == (1.0, None)


def test_a_failure() -> None:
    found = shadow_summary(ShadowTally("v3", failure=(7, "InvalidArgument")))
    assert found == {"version": "v3", "status": "failed", "reason": "InvalidArgument"}
