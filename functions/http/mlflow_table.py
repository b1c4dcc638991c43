"""Tables as MLflow's scoring protocol writes them, to the model's input.

A table has either the columns of telemetry (``model`` and ``smart_<id>_raw``) or the model's own features
(``smart_5_change_7`` and so on), which are taken as they are: these say nothing of a drive and have no scope.
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from functions.http.body import CSV, read_object
from functions.http.errors import InvalidInputsError, TooManyDrivesError
from functions.scoring.drive_database import drive_facts
from functions.scoring.model.features import EXPECTED_FEATURE, is_feature
from functions.scoring.model.scorer import Observations
from functions.scoring.online.request_parser import describe_faults
from functions.scoring.raw_values import decode, layouts_of, packing_of
from functions.scoring.smart import ATTRIBUTES
from functions.scoring.telemetry import (
    EXPECTED,
    TEXT_LIMITS,
    Fault,
    expected_raw,
    read_number,
    read_raw,
    read_text,
    show_value,
)

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from numpy.typing import NDArray

    from functions.scoring.model.scorer import Scorer

FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")
"""The keys of MLflow's protocol; a request has exactly one of them."""

_FAULTS_SHOWN = 100
"""A table wrong in every cell is not answered with a list as long."""

_NO_MODEL = Fault(
    "model",
    "no such column",
    "the drives' models and smart_<id>_raw, or a column for every feature of the model",
)

type Columns = dict[str, Sequence[Any]]


def _invalid(faults: list[Fault]) -> InvalidInputsError:
    return InvalidInputsError(
        describe_faults(faults[:_FAULTS_SHOWN]), [f.document() for f in faults[:_FAULTS_SHOWN]]
    )


def read_table(body: bytes, kind: str, wanted: Container[str], limit: int) -> tuple[Columns | list[Any], int]:
    """Read a table in any of MLflow's forms; return it and its number of rows.

    Parameters
    ----------
    kind : str
        Its media type.
    wanted : container of str
        Columns to be read; others are left out, so that a row of a thousand names costs its parse alone.
    limit : int
        Most rows.

    Returns
    -------
    table : dict of str to sequence, or list of sequences
        Columns by name; or rows without names.

    Raises
    ------
    BrokenJsonError, InvalidInputsError, TooManyDrivesError
    """
    if kind == CSV:
        return _from_csv(body, wanted, limit)
    document = read_object(body, f"a JSON object with one of {', '.join(FORMS)}")
    given = [form for form in FORMS if form in document]
    if len(given) != 1:
        expected = f"exactly one of {', '.join(FORMS)}"
        raise _invalid([Fault("form", " and ".join(given) or "none of them", expected)])
    form = given[0]
    value = document[form]
    if form == "dataframe_split":
        return _from_split(value, wanted, limit)
    if isinstance(value, dict):
        columns = {name: column for name, column in value.items() if name in wanted}
        return _from_columns(columns, form)
    if not isinstance(value, list):
        raise _invalid([Fault(form, show_value(value), "a list of rows")])
    _check_rows(len(value), limit)
    if all(isinstance(row, dict) for row in value):
        names = dict.fromkeys(name for row in value for name in row if name in wanted)
        return {name: [row.get(name) for row in value] for name in names}, len(value)
    bad = [index for index, row in enumerate(value) if not isinstance(row, list)]
    if form == "dataframe_records":
        bad = [index for index, row in enumerate(value) if not isinstance(row, dict)]
    if bad:
        expected = "objects alone" if form == "dataframe_records" else "objects alone, or lists alone"
        raise _invalid([Fault(f"{form}[{index}]", show_value(value[index]), expected) for index in bad])
    return value, len(value)


def _check_rows(rows: int, limit: int) -> None:
    if rows > limit:
        msg = f"The table has {rows} rows; at most {limit} are accepted. Send several requests."
        raise TooManyDrivesError(msg)


def _from_columns(value: dict[str, Any], form: str) -> tuple[Columns, int]:
    if not value:
        expected = "model and smart_<id>_raw, or a column for every feature of the model"
        raise _invalid([Fault(form, "no column of that kind", expected)])
    faults = [
        Fault(f"{form}.{name}", show_value(column), "a list of values")
        for name, column in value.items()
        if not isinstance(column, list)
    ]
    lengths = {len(column) for column in value.values() if isinstance(column, list)}
    if not faults and len(lengths) != 1:
        faults = [Fault(form, f"columns of {sorted(lengths)} values", "columns of one length")]
    if faults:
        raise _invalid(faults)
    return value, lengths.pop()


def _from_split(value: Any, wanted: Container[str], limit: int) -> tuple[Columns, int]:
    names, rows = (value.get("columns"), value.get("data")) if isinstance(value, dict) else (None, None)
    faults = []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        faults.append(Fault("dataframe_split.columns", show_value(names), "a list of column names"))
    else:
        faults += _twice(names, "dataframe_split.columns")
    if not isinstance(rows, list):
        faults.append(Fault("dataframe_split.data", show_value(rows), "a list of rows"))
    if faults:
        raise _invalid(faults)
    assert isinstance(names, list)
    assert isinstance(rows, list)
    _check_rows(len(rows), limit)
    wrong = [
        Fault(f"dataframe_split.data[{index}]", show_value(row), f"a list of {len(names)} values")
        for index, row in enumerate(rows)
        if not isinstance(row, list) or len(row) != len(names)
    ]
    if wrong:
        raise _invalid(wrong)
    columns: Columns = {name: [row[at] for row in rows] for at, name in enumerate(names) if name in wanted}
    return _some(columns, names), len(rows)


def _some(columns: Columns, names: list[str]) -> Columns:
    """Return the columns that are read; InvalidInputsError where a table of some *names* has none of them."""
    if names and not columns:
        raise _invalid([_NO_MODEL])
    return columns


def _twice(names: list[str], path: str) -> list[Fault]:
    """Return a fault for every column that is there more than once, with no word which of them counts."""
    if len(set(names)) == len(names):
        return []
    counts = Counter(names)
    return [
        Fault(path, f"{show_value(name)} {n} times", "each column once")
        for name, n in counts.items()
        if n > 1
    ]


def _from_csv(body: bytes, wanted: Container[str], limit: int) -> tuple[Columns, int]:
    try:
        reader = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        names = next(reader, [])
        rows: list[list[str]] = []
        for line in filter(None, reader):
            rows.append(line)
            if len(rows) > limit:
                # The others are counted, not kept.
                _check_rows(len(rows) + sum(1 for line in reader if line), limit)
    except (csv.Error, UnicodeDecodeError) as error:
        raise _invalid([Fault("text/csv", f"{error}", "CSV in UTF-8 with a header line")]) from None
    if not names:
        raise _invalid([Fault("text/csv", "nothing", "CSV in UTF-8 with a header line")])
    wrong = _twice(names, "text/csv") + [
        Fault(f"[{index}]", f"{len(row)} fields", f"{len(names)} fields, as the header has")
        for index, row in enumerate(rows)
        if len(row) != len(names)
    ]
    if wrong:
        raise _invalid(wrong)
    columns: Columns = {
        name: [row[at] if name == "model" else read_number(row[at]) for row in rows]
        for at, name in enumerate(names)
        if name in wanted
    }
    return _some(columns, names), len(rows)


def model_input(
    table: Columns | list[Any], rows: int, scorer: Scorer, limit: int
) -> NDArray[np.float32] | Observations:
    """Return a table of at most *limit* rows: its features as they are, or the telemetry of its drives.

    Raises
    ------
    TooManyDrivesError, InvalidInputsError
    """
    _check_rows(rows, limit)
    names = [feature.name for feature in scorer.model.plan.features]
    faults: list[Fault] = []
    if not table and not rows:
        return np.empty((0, len(names)), dtype=np.float32)
    if isinstance(table, list):
        faults = [
            Fault(f"[{index}]", show_value(row), f"a list of {len(names)} values: {', '.join(names)}")
            for index, row in enumerate(table)
            if len(row) != len(names)
        ]
        if faults:
            raise _invalid(faults)
        table = {name: [row[at] for row in table] for at, name in enumerate(names)}
    if "model" in table or not any(name in table for name in names):
        return _from_telemetry(table, rows, scorer)
    for name in names:
        if name not in table:
            faults.append(Fault(name, "no such column", "a column for every feature of the model"))
    if faults:
        raise _invalid(faults)
    matrix = np.empty((rows, len(names)), dtype=np.float32)
    for at, name in enumerate(names):
        matrix[:, at] = [_feature(value, f"{name}[{row}]", faults) for row, value in enumerate(table[name])]
    if faults:
        raise _invalid(faults)
    return matrix


def _feature(value: Any, path: str, faults: list[Fault]) -> float:
    if value is None:
        return math.nan
    if not is_feature(value):
        if not (isinstance(value, float) and math.isnan(value)):
            faults.append(Fault(path, show_value(value), EXPECTED_FEATURE))
        return math.nan
    return float(value)


def _from_telemetry(table: Columns, rows: int, scorer: Scorer) -> Observations:
    faults: list[Fault] = []
    models = table.get("model")
    if models is None:
        raise _invalid([_NO_MODEL])
    for row, name in enumerate(models):
        if read_text(name, TEXT_LIMITS["model"]) is None:
            faults.append(Fault(f"model[{row}]", show_value(name), EXPECTED["model"]))
    raw = np.full((rows, len(scorer.attributes)), np.nan)
    for at, attribute in enumerate(scorer.attributes):
        column = ATTRIBUTES[attribute].column
        for row, value in enumerate(table.get(column, ())):
            if isinstance(value, float) and math.isnan(value):
                continue
            name = models[row]
            formats = drive_facts(name if isinstance(name, str) else "").formats
            number = read_raw(value, packing_of(attribute, formats))
            if number is None and attribute in scorer.needed:
                faults.append(Fault(f"{column}[{row}]", show_value(value), expected_raw(attribute)))
            elif number is not None:
                raw[row, at] = number
    if faults:
        raise _invalid(sorted(faults, key=lambda fault: fault.field))
    by_name = np.array([scorer.scopes.of_model(model) for model in models], dtype=np.int8)
    return Observations(by_name, decode(raw, scorer.attributes, layouts_of(models)), {}, {})
