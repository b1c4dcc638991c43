"""Scored rows as lines of CSV, written by column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from functions.scoring.csv.formulas import escape_column
from functions.scoring.model.reasons import REASONS
from functions.scoring.model.risk import LEVELS
from functions.scoring.model.scope import SCOPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from functions.scoring.csv.parser import Rows
    from functions.scoring.model.missing import MissingAttributes
    from functions.scoring.model.reasons import Reason
    from functions.scoring.model.scorer import Scores

SCORED_COLUMNS = {
    "line": "Line number of the row in the input file (the header is line 1); of a JSON array the object's.",
    "date": "The row's date.",
    "serial_number": "The drive.",
    "model": "Its model.",
    "probability": "Probability of failing within the horizon (30 days) after the date, 0 to 1; empty where "
    "the scope is unknown.",
    "risk": "low, medium, high, critical; or unknown where the scope is.",
    "scope": "How well the model knows the drive: trained (on this drive model and its failures), similar "
    "(another drive with platters that reports what the forecast rests on), or unknown (a solid-state drive, "
    "or one that does not).",
    "missing": "SMART attributes that the model reads and the drive does not report, with blanks between.",
    "reason_1": "The attribute that raises the risk most, in words; from medium risk on.",
    "reason_2": "The second.",
    "reason_3": "The third.",
    "history_days": "Age in days of the oldest earlier snapshot used; 0 when the row stands alone.",
    "model_version": "The model that answered.",
}
"""Columns of the scored CSV, in order, with their meaning."""

SCORED_HEADER = (",".join(SCORED_COLUMNS) + "\n").encode()
"""First line of a scored CSV."""

_SPECIAL = ',"\r\n'
"""Bytes for which a field must be quoted (RFC 4180): a comma, a quote or a line end."""


def _text(values: NDArray[np.generic]) -> pa.StringArray:
    """Return values as text, nothing for NaN; equal ones, which is most of them, are written once."""
    column = pa.array(values, from_pandas=True).dictionary_encode()
    text: pa.StringArray = column.dictionary.cast(pa.string()).take(column.indices)
    return text.fill_null("") if text.null_count else text


def _quote(column: pa.StringArray) -> pa.StringArray:
    """Quote the fields that need it."""
    data = column.buffers()[2]
    held = data.to_pybytes() if data is not None else b""
    if not any(special in held for special in _SPECIAL.encode()):
        return column
    special = pc.match_substring_regex(column, f"[{_SPECIAL}]")
    doubled = pc.replace_substring(column, '"', '""')
    return pc.if_else(special, pc.binary_join_element_wise('"', doubled, '"', ""), column)


def _quoted_text(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(special in text for special in _SPECIAL) else text


def _line_ends(
    scores: Scores, missing: MissingAttributes, reasons: Mapping[int, Sequence[Reason]], version: str
) -> pa.StringArray:
    """Return what follows the probability, joined: risk, scope, missing, reasons, age of history, version.

    Rows without reasons have few different ones; each is made once.
    """
    ages = int(scores.history_days.max()) + 1
    # One whole number a row says which; below 2**63 for 50 attributes and a thousand days.
    code = (missing.codes * len(SCOPES) + scores.scope) * len(LEVELS) + scores.risk
    alike = pa.array(code * ages + scores.history_days).dictionary_encode()

    def end(code: int, sentences: Sequence[str]) -> str:
        code, age = divmod(code, ages)
        code, risk = divmod(code, len(LEVELS))
        absent, scope = divmod(code, len(SCOPES))
        lacking = " ".join(map(str, missing.of_code(absent)))
        return f"{LEVELS[risk]},{SCOPES[scope]},{lacking},{','.join(sentences)},{age},{version}\n"

    codes = alike.dictionary.to_pylist()
    few = [end(code, [""] * REASONS) for code in codes]
    which = alike.indices.to_numpy().astype(np.int64)
    for row, found in reasons.items():
        sentences = [_quoted_text(reason.sentence) for reason in found] + [""] * (REASONS - len(found))
        few.append(end(codes[which[row]], sentences))
        which[row] = len(few) - 1
    ends: pa.StringArray = pa.array(few, type=pa.string()).take(pa.array(which))
    return ends


def scored_csv(
    rows: Rows,
    scores: Scores,
    missing: MissingAttributes,
    reasons: Mapping[int, Sequence[Reason]],
    version: str,
    *,
    escape: bool = False,
) -> bytes:
    """Return scored rows as CSV lines, UTF-8, in the order of the rows.

    *reasons* are by row, rows without any left out; *version* is the model's. With *escape* no serial
    number and no model is a formula; see `functions.scoring.csv.formulas`.
    """
    if not len(rows.lines):
        return b""
    joined: pa.StringArray = pc.binary_join_element_wise(
        pa.array(rows.lines).cast(pa.string()),
        _text(rows.dates),
        _quote(escape_column(rows.serials) if escape else rows.serials),
        _quote(escape_column(rows.models) if escape else rows.models),
        _text(scores.probability),
        _line_ends(scores, missing, reasons, version),
        ",",
    )
    data: bytes = joined.buffers()[2].to_pybytes()
    return data
