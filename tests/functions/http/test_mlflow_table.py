"""Tables of MLflow's protocol: columns and rows."""

import pytest

from functions.http.body import CSV, JSON
from functions.http.errors import InvalidInputsError
from functions.http.mlflow_table import read_table


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (CSV, b"x,model,y\n1,A,2\n"),
        (JSON, b'{"dataframe_split": {"columns": ["x", "model", "y"], "data": [[1, "A", 2]]}}'),
        (JSON, b'{"dataframe_records": [{"x": 1, "model": "A", "y": 2}]}'),
        (JSON, b'{"inputs": {"x": [1], "model": ["A"], "y": [2]}}'),
    ],
)
def test_columns_that_nobody_reads_are_left_out(kind: str, body: bytes) -> None:
    """In every form: a thousand rows of two thousand fields cost their parse alone."""
    assert read_table(body, kind, {"model"}, 10) == ({"model": ["A"]}, 1)


@pytest.mark.parametrize(
    ("kind", "body"), [(CSV, b"x,y\n"), (JSON, b'{"dataframe_split": {"columns": ["x", "y"], "data": []}}')]
)
def test_a_table_of_other_columns_has_no_model_however_few_its_rows(kind: str, body: bytes) -> None:
    with pytest.raises(InvalidInputsError) as raised:
        read_table(body, kind, {"model"}, 10)
    assert [fault["field"] for fault in raised.value.errors] == ["model"]
