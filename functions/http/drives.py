"""From a checked body to the drives it asks about: telemetry rows or smartctl's output, one or many."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from functions.errors import InvalidTelemetryError, NoAtaAttributesError
from functions.http.body import JSON, SMARTCTL, is_array, read_any, read_object
from functions.http.errors import BadQueryError, TooManyDrivesError
from functions.scoring.online.request_parser import Drive, describe_faults, drive_of, read_drive
from functions.scoring.online.request_types import DriveDay, decode_drive, raw_getter
from functions.scoring.smartctl import at_their_paths, stated_of, telemetry_of
from functions.scoring.telemetry import Fault, show_value

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence
    from typing import Any

FAULTS_LIMIT = 10_000
"""Faulty values of a batch from which on nothing is read any more: telling each costs more than its bytes."""

ONE_DRIVE = MANY_DRIVES = (JSON, SMARTCTL)
"""Media types in which drives are described; of many, the body itself says what it has."""

getter = lru_cache(maxsize=8)(raw_getter)


class BatchRequest(msgspec.Struct, frozen=True):
    """Many drives in one request."""

    drives: Annotated[list[DriveDay], Meta(description="The drives; each is answered or refused on its own.")]  # type: ignore[valid-type]


class _Apart(msgspec.Struct, frozen=True, gc=False):
    """A `BatchRequest` whose drives are not decoded yet: one after the other they stay in the caches."""

    drives: list[msgspec.Raw]


_take_apart = msgspec.json.Decoder(_Apart).decode
_take_array_apart = msgspec.json.Decoder(list[msgspec.Raw]).decode

type Refusal = InvalidTelemetryError | NoAtaAttributesError
"""Why one drive of a batch is not answered."""


def raise_for_faults(faults: Sequence[Fault]) -> None:
    """Raise faults, if any: BadQueryError where all are query parameters, else InvalidTelemetryError."""
    if faults:
        query_only = all(fault.field.startswith("?") for fault in faults)
        kind = BadQueryError if query_only else InvalidTelemetryError
        raise kind(describe_faults(faults), [fault.document() for fault in faults])


def one_drive(
    body: bytes,
    smartctl: bool,
    attributes: tuple[int, ...],
    faults: list[Fault],
    needed: Container[int] | None = None,
) -> Drive:
    """Read the drive of a body; faults found elsewhere in the request are listed together with its own.

    Parameters
    ----------
    needed : container of int, optional
        See `functions.scoring.telemetry.read_record`.

    Raises
    ------
    RequestError
    """
    if smartctl:
        document = read_object(body, "the JSON object that smartctl -a -j prints")
        own: list[Fault] = []
        drive = _smartctl_drive(document, attributes, own, needed)
        raise_for_faults([*faults, *own])
        assert drive is not None
        return drive
    drive = _fast_drive(body, attributes)
    if drive is None:
        own = []
        drive = read_drive(read_object(body), attributes, own, needed=needed)
        faults = [*faults, *own]
    raise_for_faults(faults)
    assert drive is not None
    return drive


def _smartctl_drive(
    document: Mapping[str, Any],
    attributes: tuple[int, ...],
    faults: list[Fault],
    needed: Container[int] | None = None,
) -> Drive | None:
    """Read the drive that smartctl's output is of; None when it has a fault, which is appended."""
    fields, paths = telemetry_of(document)
    stated = stated_of(document)
    own: list[Fault] = []
    drive = read_drive(fields, attributes, own, family=stated.family, needed=needed)
    faults += at_their_paths(own, paths)
    return drive and msgspec.structs.replace(drive, rotation_rate=stated.rotation_rate)


def _fast_drive(body: bytes | msgspec.Raw, attributes: tuple[int, ...]) -> Drive | None:
    """Return the drive of a JSON object; None where something is wrong with it, for `read_drive` to say."""
    try:
        return drive_of(decode_drive(body), getter(attributes))
    except (msgspec.DecodeError, RecursionError):
        return None


def many_drives(
    body: bytes,
    attributes: tuple[int, ...],
    limit: int,
    faults: list[Fault],
    needed: Container[int] | None = None,
) -> tuple[list[Drive | None], dict[int, Refusal]]:
    """Read the drives of a batch, each by itself: None for one that cannot be used, and why, by index.

    A `BatchRequest` has rows of telemetry, an array what smartctl prints of each drive.

    Parameters
    ----------
    limit : int
        Most drives; they are counted before any of them is decoded.
    faults : list of Fault
        Found elsewhere in the request.
    needed : container of int, optional
        See `functions.scoring.telemetry.read_record`.

    Raises
    ------
    RequestError
        The request as a whole cannot be used.
    """
    smartctl = is_array(body)
    items = _outputs(body, faults) if smartctl else _items(body, faults)
    if len(items) > limit:
        msg = f"The request has {len(items)} drives; at most {limit} are accepted. Send several requests."
        raise TooManyDrivesError(msg)
    drives: list[Drive | None] = []
    faulty: dict[int, Refusal] = {}
    count = 0
    for index, item in enumerate(items):
        drive = None
        if not smartctl and isinstance(item, msgspec.Raw):
            drive = _fast_drive(item, attributes)
        if drive is None:
            try:
                drive = _judged_drive(item, attributes, index, needed, smartctl=smartctl)
            except (InvalidTelemetryError, NoAtaAttributesError) as error:
                faulty[index] = error
                count += len(error.errors)
                if count > FAULTS_LIMIT:
                    raise _too_faulty(faulty) from None
        drives.append(drive)
    return drives, faulty


def _judged_drive(
    item: msgspec.Raw | object,
    attributes: tuple[int, ...],
    index: int,
    needed: Container[int] | None,
    *,
    smartctl: bool,
) -> Drive:
    path = f"[{index}]" if smartctl else f"drives[{index}]"
    fields = read_any(bytes(item)) if isinstance(item, msgspec.Raw) else item
    own: list[Fault] = []
    drive = None
    if not isinstance(fields, dict):
        expected = "an object that smartctl prints" if smartctl else "an object with one drive's telemetry"
        own.append(Fault(path, show_value(fields), expected))
    elif smartctl:
        drive = _smartctl_drive(fields, attributes, own, needed)
        own = [Fault(f"{path}.{fault.field}", fault.found, fault.expected) for fault in own]
    else:
        drive = read_drive(fields, attributes, own, f"{path}.", needed=needed)
    raise_for_faults(own)
    assert drive is not None
    return drive


def _too_faulty(faulty: Mapping[int, Refusal]) -> InvalidTelemetryError:
    first = [fault for error in faulty.values() for fault in error.errors[:1]][:100]
    msg = f"More than {FAULTS_LIMIT} fields cannot be used; some of {len(first)} drives follow."
    return InvalidTelemetryError(msg, first)


def _items(body: bytes, faults: list[Fault]) -> Sequence[msgspec.Raw | object]:
    """Return the drives of a body, not decoded yet; decoded where the fast reader gave up."""
    try:
        items: Sequence[msgspec.Raw | object] = _take_apart(body).drives
    except (msgspec.DecodeError, RecursionError):
        document = read_object(body, 'a JSON object with a list "drives"')
        found = document.get("drives")
        if not isinstance(found, list):
            faults = [*faults, Fault("drives", show_value(found), "a list of objects, one for each drive")]
        items = found if isinstance(found, list) else []
    raise_for_faults(faults)
    return items


def _outputs(body: bytes, faults: list[Fault]) -> Sequence[msgspec.Raw | object]:
    """Return what smartctl printed of each drive of a body that is an array, as `_items` does."""
    try:
        items: Sequence[msgspec.Raw | object] = _take_array_apart(body)
    except (msgspec.DecodeError, RecursionError):
        items = read_any(body)
    raise_for_faults(faults)
    return items
