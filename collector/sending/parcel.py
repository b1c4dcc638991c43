"""What is delivered, and its form on disk: a line that says what follows, then its bytes."""

from __future__ import annotations

import hashlib
import json
from typing import NamedTuple

BLOB, DRIVE, BATCH = "blob", "drive", "batch"
KINDS = (BLOB, DRIVE, BATCH)
"""A telemetry file for the container; smartctl's output of one drive, or of several, for the app."""


class Parcel(NamedTuple):
    """One delivery.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    name : str
        A newer parcel of the same kind and name takes its place: a blob's path, or the drive.
    body : bytes
        As it is sent.
    """

    kind: str
    name: str
    body: bytes

    @property
    def key(self) -> str:
        """Return kind and name as sixteen hexadecimal digits."""
        return hashlib.sha256(f"{self.kind}\n{self.name}".encode()).hexdigest()[:16]


class DamagedParcelError(Exception):
    """A file of the spool that is not what was written."""


def pack(parcel: Parcel) -> bytes:
    """Return a parcel's bytes on disk."""
    head = {
        "kind": parcel.kind,
        "name": parcel.name,
        "bytes": len(parcel.body),
        "sha256": hashlib.sha256(parcel.body).hexdigest(),
    }
    return json.dumps(head, sort_keys=True).encode("ascii") + b"\n" + parcel.body


def unpack(content: bytes) -> Parcel:
    """Return the parcel that was packed. DamagedParcelError where a disk or a person changed it."""
    line, end, body = content.partition(b"\n")
    try:
        head = json.loads(line.decode("ascii"))
        parcel = Parcel(head["kind"], head["name"], body)
        whole = end and head["bytes"] == len(body) and head["sha256"] == hashlib.sha256(body).hexdigest()
    except (ValueError, KeyError, TypeError):
        raise DamagedParcelError from None
    if not whole or parcel.kind not in KINDS or not isinstance(parcel.name, str):
        raise DamagedParcelError
    return parcel
