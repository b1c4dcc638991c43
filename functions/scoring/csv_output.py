"""Scored rows as lines of CSV, written by column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from functions.scoring.reasons import REASONS
from functions.scoring.risk import LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from functions.scoring.csv_parse import Rows
    from functions.scoring.reasons import Reason
    from functions.scoring.scorer import Scores

SCORED_COLUMNS = {
    "line": "Line number of the row in the input file; the header is line 1.",
    "date": "The row's date.",
    "serial_number": "The drive.",
    "model": "Its model.",
    "probability": "Probability of failing within the horizon (30 days) after the date, 0 to 1.",
    "risk": "low, medium, high, critical; or unknown when the drive reports nothing the forecast rests on.",
    "reason_1": "The attribute that raises the risk most, in words; from medium risk on.",
    "reason_2": "The second.",
    "reason_3": "The third.",
    "history_days": "Age in days of the oldest earlier snapshot used; 0 when the row stands alone.",
    "model_version": "The model that answered.",
}
"""Columns of the scored CSV, in order, with their meaning."""

SCORED_HEADER = (",".join(SCORED_COLUMNS) + "\n").encode()
"""First line of a scored CSV."""

_LEVELS = pa.array(LEVELS)


def _quoted(column: pa.StringArray) -> pa.StringArray:
    """Quote the fields that need it (RFC 4180): those with a comma, a quote or a line end."""
    special = pc.match_substring_regex(column, '[",\r\n]')
    if not pc.any(special).as_py():
        return column
    doubled = pc.replace_substring(column, '"', '""')
    return pc.if_else(special, pc.binary_join_element_wise('"', doubled, '"', ""), column)


def scored_csv(rows: Rows, scores: Scores, reasons: Mapping[int, Sequence[Reason]], version: str) -> bytes:
    """Return scored rows as CSV lines, UTF-8, in the order of the rows.

    Parameters
    ----------
    rows : Rows
    scores : Scores
    reasons : mapping of int to sequence of Reason
        By row; rows without reasons are left out.
    version : str
        The model's version.
    """
    count = len(rows.lines)
    if not count:
        return b""
    sentences = np.full((REASONS, count), "", dtype=object)
    for row, found in reasons.items():
        for place, reason in enumerate(found):
            sentences[place, row] = reason.sentence
    columns = [
        pa.array(rows.lines).cast(pa.string()),
        pa.array(rows.dates).cast(pa.string()),
        _quoted(rows.serials),
        _quoted(rows.models),
        pa.array(scores.probability).cast(pa.string()),
        _LEVELS.take(pa.array(scores.risk)),
        *(_quoted(pa.array(sentences[place], type=pa.string())) for place in range(REASONS)),
        pa.array(scores.history_days).cast(pa.string()),
        pa.array([version]).take(pa.array(np.zeros(count, dtype=np.int64))),
    ]
    columns[-1] = pc.binary_join_element_wise(columns[-1], "", "\n")
    joined: pa.StringArray = pc.binary_join_element_wise(*columns, ",")
    data: bytes = joined.buffers()[2].to_pybytes()
    return data
