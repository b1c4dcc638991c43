"""Texts that .NET's ``DateTime.TryParse`` takes in the invariant culture, of the forms paths hold.

A date with its year first or last, or with the month's name; a time alone or after it, with seconds,
``AM`` or ``PM``, and an offset. Not days of the week, dates without a year and eras, which .NET takes too.
"""

from __future__ import annotations

import re
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    "(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sep(?:tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_YEAR_FIRST = re.compile(
    r"(?P<year>[0-9]{4})(?P<mark>[-/.])(?P<month>[0-9]{1,2})(?:(?P=mark)(?P<day>[0-9]{1,2}))?"
)
_YEAR_LAST = re.compile(
    r"(?P<month>[0-9]{1,2})(?P<mark>[-/.])(?P<day>[0-9]{1,2})(?P=mark)(?P<year>[0-9]{4}|[0-9]{2})"
)
_DAY_NAME_YEAR = re.compile(rf"(?P<day>[0-9]{{1,2}})[ -]{_MONTH},?[ -](?P<year>[0-9]{{4}})", re.IGNORECASE)
_NAME_DAY_YEAR = re.compile(rf"{_MONTH}[ -](?P<day>[0-9]{{1,2}}),?[ -](?P<year>[0-9]{{4}})", re.IGNORECASE)
_TIME = re.compile(
    r"(?P<hour>[0-9]{1,2})(?::(?P<minute>[0-9]{1,2})(?::(?P<second>[0-9]{1,2})(?:\.[0-9]+)?)?)?"
    r"(?: *(?P<half>[ap]m?))?"
    r"(?: *(?:Z|GMT|[+-](?P<offset>[0-9]{1,2})(?::?[0-5][0-9])?))?",
    re.IGNORECASE,
)


def is_date_time(text: str) -> bool:
    """Say whether .NET reads a text as a date, a time, or both."""
    text = text.strip()
    if not text:
        return False
    for form in (_YEAR_FIRST, _YEAR_LAST, _DAY_NAME_YEAR, _NAME_DAY_YEAR):
        found = form.match(text)
        if found is not None and _is_date(found.groupdict()):
            rest = text[found.end() :]
            if not rest:
                return True
            return rest[0] in "Tt " and _is_time(rest[1:].strip())
    return _is_time(text)


def _is_date(fields: dict[str, str | None]) -> bool:
    name = fields.get("name")
    month = _MONTHS.index(name[:3].lower()) + 1 if name else int(fields.get("month") or 0)
    try:
        date(int(fields["year"] or 0) or 2000, month, int(fields.get("day") or 1))
    except ValueError:
        return False
    return True


def _is_time(text: str) -> bool:
    found = _TIME.fullmatch(text)
    if found is None or (found["minute"] is None and found["half"] is None):
        return False
    hour = int(found["hour"])
    in_half = 1 <= hour <= 12 if found["half"] else hour <= 23  # noqa: PLR2004 - a clock's hours
    fits = int(found["minute"] or 0) <= 59 and int(found["second"] or 0) <= 59  # noqa: PLR2004
    return in_half and fits and int(found["offset"] or 0) <= 14  # noqa: PLR2004 - hours to UTC
