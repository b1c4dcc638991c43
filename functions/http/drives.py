"""From a checked body to the drives it asks about: telemetry rows or smartctl's output, one or many."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from functions.errors import InvalidTelemetryError
from functions.http.body import JSON, SMARTCTL, read_object
from functions.http.errors import BadQueryError, TooManyDrivesError
from functions.http.smartctl import at_their_paths, telemetry_of
from functions.scoring.online.request_parser import Drive, describe_faults, drive_of, read_drive
from functions.scoring.online.request_types import DriveDay, decode_drive, raw_getter
from functions.scoring.telemetry import Fault, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

FAULTS_LIMIT = 10_000
"""Faulty values of a batch from which on nothing is read any more: telling each costs more than its bytes."""

ONE_DRIVE = (JSON, SMARTCTL)
"""Media types in which one drive is described."""

getter = lru_cache(maxsize=8)(raw_getter)


class BatchRequest(msgspec.Struct, frozen=True):
    """Many drives in one request."""

    drives: Annotated[list[DriveDay], Meta(description="The drives; each is answered or refused on its own.")]  # type: ignore[valid-type]


class _Apart(msgspec.Struct, frozen=True, gc=False):
    """A `BatchRequest` whose drives are not decoded yet: one after the other they stay in the caches."""

    drives: list[msgspec.Raw]


_take_apart = msgspec.json.Decoder(_Apart).decode


def raise_for_faults(faults: Sequence[Fault]) -> None:
    """Raise faults, if any: BadQueryError where all are query parameters, else InvalidTelemetryError."""
    if faults:
        query_only = all(fault.field.startswith("?") for fault in faults)
        kind = BadQueryError if query_only else InvalidTelemetryError
        raise kind(describe_faults(faults), [fault.document() for fault in faults])


def fields_of(body: bytes, smartctl: bool) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the telemetry fields of a body about one drive, and the path of each.

    Raises
    ------
    BrokenJsonError, NoAtaAttributesError
    """
    if smartctl:
        return telemetry_of(read_object(body, "the JSON object that smartctl -a -j prints"))
    return read_object(body), {}


def drive_from(
    fields: dict[str, Any], paths: dict[str, str], attributes: tuple[int, ...], faults: list[Fault]
) -> Drive:
    """Read the drive; faults found elsewhere in the request are listed together with its own.

    Raises
    ------
    BadQueryError, InvalidTelemetryError
    """
    own: list[Fault] = []
    drive = read_drive(fields, attributes, own)
    raise_for_faults([*faults, *at_their_paths(own, paths)])
    assert drive is not None
    return drive


def one_drive(body: bytes, smartctl: bool, attributes: tuple[int, ...], faults: list[Fault]) -> Drive:
    """Read the drive of a body, the fast way where nothing is wrong with it; RequestError otherwise."""
    if not smartctl and not faults:
        try:
            drive = drive_of(decode_drive(body), getter(attributes))
        except (msgspec.DecodeError, RecursionError):
            drive = None
        if drive is not None:
            return drive
    return drive_from(*fields_of(body, smartctl), attributes, faults)


def many_drives(
    body: bytes, attributes: tuple[int, ...], limit: int, faults: list[Fault]
) -> tuple[list[Drive | None], dict[int, list[Fault]]]:
    """Read the drives of a batch: None for one that cannot be used, and the faults of those by index.

    Parameters
    ----------
    limit : int
        Most drives.
    faults : list of Fault
        Found elsewhere in the request.

    Raises
    ------
    RequestError
        The request as a whole cannot be used.
    """
    drives: list[Drive | None] = []
    if not faults:
        try:
            get = getter(attributes)
            drives = [drive_of(decode_drive(item), get) for item in _take_apart(body).drives]
        except (msgspec.DecodeError, RecursionError):
            drives = []
    if not drives or None in drives:
        items = _items(body, faults)
        drives = drives or [None] * len(items)
    else:
        items = []
    if len(drives) > limit:
        msg = f"The request has {len(drives)} drives; at most {limit} are accepted. Send several requests."
        raise TooManyDrivesError(msg)
    faulty: dict[int, list[Fault]] = {}
    count = 0
    for place, item in enumerate(items):
        if drives[place] is not None:
            continue
        own: list[Fault] = []
        if isinstance(item, dict):
            drives[place] = read_drive(item, attributes, own, f"drives[{place}].")
        else:
            own.append(Fault(f"drives[{place}]", shown(item), "an object with one drive's telemetry"))
        if own:
            faulty[place] = own
            count += len(own)
            if count > FAULTS_LIMIT:
                first = [fault.document() for some in faulty.values() for fault in some[:1]][:100]
                msg = f"More than {FAULTS_LIMIT} fields cannot be used; some of {len(first)} drives follow."
                raise InvalidTelemetryError(msg, first)
    return drives, faulty


def _items(body: bytes, faults: list[Fault]) -> list[Any]:
    document = read_object(body, 'a JSON object with a list "drives"')
    items = document.get("drives")
    if not isinstance(items, list):
        faults = [*faults, Fault("drives", shown(items), "a list of objects, one for each drive")]
    raise_for_faults(faults)
    return items if isinstance(items, list) else []
