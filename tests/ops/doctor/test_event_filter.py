from __future__ import annotations

from typing import Any

import pytest

from ops.doctor.event_filter import WANTED, blob_event, faults, passes
from tests.ops.doctor.hand_written_answers import FILTER

BEGIN = FILTER["subjectBeginsWith"]


def test_the_filter_that_infra_deploys_is_right() -> None:
    assert faults(FILTER) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"subjectEndsWith": ".csv"}, "keeps back site/day.csv.gz written by PutBlob"),
        (
            {"subjectBeginsWith": "/blobServices/default/containers/telemetry"},
            "sends a file of telemetry-archive",
        ),
        ({"subjectBeginsWith": ""}, "sends a file of predictions"),
        ({"subjectBeginsWith": BEGIN.replace("telemetry", "Other")}, "keeps back day.csv written by PutBlob"),
        ({"includedEventTypes": ["Microsoft.Storage.BlobDeleted"]}, "keeps back day.csv written by CopyBlob"),
        (
            {"includedEventTypes": None, "advancedFilters": []},
            "sends a deleted file",
        ),
        (
            {"advancedFilters": [{"key": "data.api", "operatorType": "StringIn", "values": ["PutBlob"]}]},
            "keeps back day.csv written by PutBlockList",
        ),
        (
            {"advancedFilters": [{"key": "data.apI.x", "operatorType": "StringIn", "values": ["PutBlob"]}]},
            "keeps back day.csv written by PutBlob",
        ),
        (
            {"advancedFilters": [{"key": "data.contentLength", "operatorType": "NumberIn", "values": [1]}]},
            "the operator 'NumberIn' is not known to this check",
        ),
    ],
)
def test_a_wrong_filter(change: dict[str, Any], expected: str) -> None:
    assert expected in faults({**FILTER, **change})


@pytest.mark.parametrize(
    ("operator", "values", "through"),
    [
        ("StringBeginsWith", ["put"], True),
        ("StringEndsWith", ["list", "blob"], True),
        ("StringContains", ["tB"], True),
        ("StringIn", ["putblob"], True),
        ("StringNotIn", ["PutBlob"], False),
        ("StringNotContains", ["Copy"], True),
        ("StringIn", [], False),
    ],
)
def test_the_operators(operator: str, values: list[str], *, through: bool) -> None:
    conditions = {"advancedFilters": [{"key": "data.api", "operatorType": operator, "values": values}]}
    assert passes(conditions, blob_event("telemetry", "day.csv")) is through


def test_case_counts_only_when_asked_for() -> None:
    event = blob_event("telemetry", "DAY.CSV")
    assert passes({"subjectEndsWith": ".csv"}, event)
    assert not passes({"subjectEndsWith": ".csv", "isSubjectCaseSensitive": True}, event)
    assert all(passes({"includedEventTypes": ["All"]}, each) for each in WANTED.values())
