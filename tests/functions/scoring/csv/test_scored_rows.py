import csv
import io
import math

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.csv.parser import Rows
from functions.scoring.csv.scored_rows import SCORED_HEADER, scored_csv
from functions.scoring.model.missing import MissingAttributes
from functions.scoring.model.reasons import Reason
from functions.scoring.model.risk import LEVELS
from tests.support.scores import scores_of

TEXT = st.text(st.sampled_from("ab, \"'\r\né;=\t") | st.characters(exclude_categories=["Cs"]), max_size=8)
ROW = st.tuples(
    TEXT,
    TEXT,
    st.floats(0, 1, width=32),
    st.integers(0, 4),
    st.lists(TEXT, max_size=3),
    st.integers(0, 35),
    st.dates(),
)


def test_the_header() -> None:
    assert SCORED_HEADER == (
        b"line,date,serial_number,model,probability,risk,scope,missing,"
        b"reason_1,reason_2,reason_3,history_days,model_version\n"
    )


@given(st.lists(ROW, max_size=6))
def test_python_reads_back_what_was_written(given_rows: list[tuple]) -> None:  # type: ignore[type-arg]
    serials, models, probabilities, risks, sentences, ages, dates = (
        zip(*given_rows, strict=True) if given_rows else ((),) * 7
    )
    count = len(given_rows)
    rows = Rows(
        np.arange(2, 2 + count),
        np.array(dates, dtype="datetime64[D]"),
        pa.array(serials, type=pa.string()),
        pa.array(models, type=pa.string()),
        np.zeros((count, 1)),
    )
    probability = np.array(probabilities, dtype=np.float32)
    scores = scores_of(probability, risks, history_days=ages, similar=[age % 2 == 0 for age in ages])
    values = np.array([[math.nan if age > 20 else 1.0, math.nan if age % 3 else 0.0] for age in ages])
    missing = MissingAttributes.of_rows(values.reshape(count, 2), {5: 0, 187: 1})
    reasons = {
        row: [Reason(5, "", 0.0, None, None, 1.0, text) for text in texts]
        for row, texts in enumerate(sentences)
        if texts
    }
    data = (SCORED_HEADER + scored_csv(rows, scores, missing, reasons, "v2")).decode()
    written = list(csv.reader(io.StringIO(data, newline=""), strict=True))[1:]
    assert len(written) == count
    for row, fields in enumerate(written):
        chance = fields.pop(4)
        assert chance == "" if risks[row] == 4 else np.float32(chance) == probability[row]
        assert fields == [
            str(row + 2),
            str(dates[row]),
            serials[row],
            models[row],
            LEVELS[risks[row]],
            "unknown" if risks[row] == 4 else "trained" if ages[row] % 2 else "similar",
            " ".join(["5"] * (ages[row] > 20) + ["187"] * bool(ages[row] % 3)),
            *[*sentences[row], "", "", ""][:3],
            str(ages[row]),
            "v2",
        ]
