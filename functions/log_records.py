"""Log records of one line each, whatever is in the names they have."""

from __future__ import annotations

import logging
import re
from typing import Any

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def one_line(text: str) -> str:
    """Return a text with control characters and line breaks written as escapes."""
    return _CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def keep_to_one_line() -> None:
    """Have every record of this process made with a message of one line.

    A line break in the name of a blob would otherwise begin a line of its own in the log, which could say
    anything. An exception follows in lines of its own, as ever.
    """
    make = logging.getLogRecordFactory()
    if getattr(make, "keeps_to_one_line", False):
        return

    def made(*arguments: Any, **named: Any) -> logging.LogRecord:
        record = make(*arguments, **named)
        try:
            text = record.getMessage()
        except Exception:  # noqa: BLE001 - logging tells of it when the record is handled
            return record
        if not text.isprintable() and _CONTROLS.search(text):
            record.msg, record.args = one_line(text), None
        return record

    made.keeps_to_one_line = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(made)
