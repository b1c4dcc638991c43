"""Text that a spreadsheet takes for a formula, and the apostrophe that keeps it text.

Serial numbers, models and rejected lines are whatever was uploaded. Only such fields are looked at, never a
number; https://owasp.org/www-community/attacks/CSV_Injection and 1.2.10 of OWASP's ASVS list the characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from functions.scoring.csv.rejects import Reject

BEGINNINGS = "=+-@\t\r\0\uff1d\uff0b\uff0d\uff20"
"""A formula begins with one of these; the last four are the full-width forms of the first."""

APOSTROPHE = "'"
"""Set before such a text; a spreadsheet shows what follows it as it is."""

_BEGINNING_BYTES = tuple(each.encode() for each in BEGINNINGS)


def escape_reject(reject: Reject) -> Reject:
    """Return a reject whose line and reason are no formulas; a reason may begin with a serial number."""
    if reject.text.startswith(_BEGINNING_BYTES):
        reject = reject._replace(text=APOSTROPHE.encode() + reject.text)
    if reject.reason.startswith(tuple(BEGINNINGS)):
        reject = reject._replace(reason=APOSTROPHE + reject.reason)
    return reject


def escape_column(column: pa.StringArray) -> pa.StringArray:
    """Return texts of which none is a formula."""
    # Not made on import: the first array made of a list imports pandas, where that is not left out yet.
    beginnings = pa.array(list(BEGINNINGS))
    found = pc.is_in(pc.utf8_slice_codeunits(column, 0, 1), value_set=beginnings)
    if not pc.any(found).as_py():
        return column
    return pc.if_else(found, pc.binary_join_element_wise(APOSTROPHE, column, ""), column)
