"""Snapshots read back: the drives of one day, ready to be looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from functions.scoring.drive_keys import DriveKeys
from functions.scoring.history.snapshots import MODEL_COLUMN
from functions.scoring.seal import unseal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Snapshot:
    """One day's drives.

    Looked up by a 64-bit hash of serial number and model, which compares in one step where text takes
    several; hash and serial number are compared at the place it leads to. Snapshots of earlier versions of
    the app do not name models: their drives are looked up by the hash of the serial number alone.

    Parameters
    ----------
    parts : sequence of SnapshotPart
        At least one, for the same attributes. Where a drive is there several times, the last row counts.

    Attributes
    ----------
    serials : (n,) array of bytes
        Without repeated drives, in the order of the look-up.
    counters : (n, k) array of float64
        Their decoded values in the order of the attributes, NaN where missing.
    """

    def __init__(self, parts: Sequence[SnapshotPart]) -> None:
        serials = np.concatenate([each for part in parts for each in part.serials])
        hashes = np.concatenate([each for part in parts for each in part.hashes])
        counters = np.concatenate([each for part in parts for each in part.counters])
        self._names_models = any(part.names_models for part in parts)
        self._lacks_models = not all(part.names_models for part in parts)
        rows = _last_rows(hashes, serials)
        self._by_text = rows is None
        if rows is None:
            # Two drives share a hash: about once in 10**8 snapshots of 300,000 drives.
            texts = _texts(hashes, serials)
            order = np.argsort(texts, kind="stable")
            rows = order[np.append(texts[order][1:] != texts[order][:-1], True)]
        self.serials = serials[rows]
        # `take` copies a row at once; indexing by an array copies value by value.
        self.counters = counters.take(rows, axis=0)
        self._hashes: NDArray[np.uint64] = hashes[rows]

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return self.serials.nbytes + self.counters.nbytes + self._hashes.nbytes

    def find(self, drives: DriveKeys, shared: NDArray[np.bool_] | None = None) -> Found:
        """Look drives up.

        Parameters
        ----------
        drives : DriveKeys
            Of n rows.
        shared : (n,) array of bool, optional
            Rows whose serial number is not theirs alone: they are not looked up by it.
        """
        places = np.full(len(drives.serials), -1)
        by_serial = np.zeros(len(drives.serials), dtype=bool)
        if self._names_models:
            places = self._places(drives.serials, drives.by_drive)
        if self._lacks_models:
            missing = places < 0
            rows = np.flatnonzero(missing if shared is None else missing & ~shared)
            places[rows] = self._places(drives.serials[rows], drives.by_serial[rows])
            by_serial[rows] = places[rows] >= 0
        if not len(self.serials):
            return Found(np.full((len(places), self.counters.shape[1]), np.nan), by_serial)
        counters = self.counters.take(places, axis=0)
        counters[places < 0] = np.nan
        return Found(counters, by_serial)

    def _places(self, serials: NDArray[np.bytes_], hashes: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Return the row of each drive, -1 for those that are not here."""
        if not len(self.serials):
            return np.full(len(serials), -1)
        if self._by_text:
            places = np.searchsorted(_texts(self._hashes, self.serials), _texts(hashes, serials))
        else:
            places = np.searchsorted(self._hashes, hashes)
        places[places == len(self.serials)] = 0
        places[(self._hashes[places] != hashes) | (self.serials[places] != serials)] = -1
        return places


class Found(NamedTuple):
    """Counters of n drives, of one snapshot.

    Attributes
    ----------
    counters : (n, k) array of float64
        NaN for drives that are not there.
    by_serial : (n,) array of bool
        Drives that were found by their serial number alone.
    """

    counters: NDArray[np.float64]
    by_serial: NDArray[np.bool_]


def _texts(hashes: NDArray[np.uint64], serials: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
    """Return texts that are as different as the pairs; a hash has a fixed width, so it comes first."""
    pairs = np.zeros(len(serials), dtype=[("hash", np.uint64), ("serial", serials.dtype)])
    pairs["hash"], pairs["serial"] = hashes, serials
    return pairs.view(f"S{pairs.dtype.itemsize}")


def _last_rows(hashes: NDArray[np.uint64], serials: NDArray[np.bytes_]) -> NDArray[np.intp] | None:
    """Return the rows that are the last of their drive, sorted by hash; None when two drives share a hash."""
    order = _order(hashes)
    ordered_hashes = hashes[order]
    same = ordered_hashes[1:] == ordered_hashes[:-1]
    if not same.any():
        return order
    ordered = serials[order]
    last = np.ones(len(order), dtype=bool)
    last[:-1] = ordered[1:] != ordered[:-1]
    if np.any(same & last[:-1]):
        return None
    # Different hashes, same serial number: different drives.
    last[:-1] |= ~same
    return order[last]


def _order(hashes: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Return the rows sorted by hash, equal ones as they come; in a third of the time of ``argsort`` alone.

    Numbers of 16 bits are sorted by counting. By their upper 32 bits the hashes of a day are in order but for
    a few, and what is nearly in order is sorted at once.
    """
    order = np.argsort((hashes >> np.uint64(32)).astype(np.uint16), kind="stable")
    order = order[np.argsort((hashes >> np.uint64(48)).astype(np.uint16)[order], kind="stable")]
    return order[np.argsort(hashes[order], kind="stable")]


class SnapshotPart(NamedTuple):
    """One snapshot as it was read: a part of its day. Its arrays are lists, an entry for each record batch.

    Attributes
    ----------
    serials : list of (n,) arrays of bytes
    hashes : list of (n,) arrays of uint64
        `by_drive` of `functions.scoring.drive_keys.DriveKeys`.
    counters : list of (n, k) arrays of float64
        In the order of the attributes it was read for.
    names_models : bool
        Whether its drives are known by serial number and model.
    """

    serials: list[NDArray[np.bytes_]]
    hashes: list[NDArray[np.uint64]]
    counters: list[NDArray[np.float64]]
    names_models: bool

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return sum(each.nbytes for each in (*self.serials, *self.hashes, *self.counters))


_COMMAND_TIMEOUT, _WORD = 188, 2.0**16


def read_part(data: bytes, attributes: Sequence[int]) -> SnapshotPart:
    """Read one snapshot; counters that it does not have are NaN.

    One without a seal, of an earlier version of the app, is validated before it is used:
    Arrow follows offsets wherever they lead.

    Raises
    ------
    Exception
        It is damaged, or no snapshot: Arrow raises errors of many kinds.
    """
    content, dates = unseal(data)
    with pa.ipc.open_file(pa.py_buffer(content)) as reader:
        schema = reader.schema
    names_models = _names_models(schema)
    part = SnapshotPart([], [], [], names_models)
    there = [f"smart_{a}" for a in attributes if f"smart_{a}" in schema.names]
    identity = ["serial_number", *([MODEL_COLUMN] if names_models else [])]
    options = pa.ipc.IpcReadOptions(
        included_fields=[schema.get_field_index(name) for name in (*identity, *there)]
    )
    with pa.ipc.open_file(pa.py_buffer(content), options=options) as reader:
        # Batch by batch: the whole table beside its copy would double the memory.
        for number in range(reader.num_record_batches):
            batch = reader.get_batch(number)
            if dates is None:
                batch.validate(full=True)
            models = batch[MODEL_COLUMN] if names_models else None
            if models is not None and models.null_count:
                msg = f"its column {MODEL_COLUMN} has rows without a value"
                raise pa.ArrowInvalid(msg)
            drives = DriveKeys.of(batch["serial_number"], None if models is None else models.to_numpy())
            # A copy: what is kept must not keep the file's bytes.
            part.serials.append(drives.serials.copy())
            part.hashes.append(drives.by_drive)
            matrix = np.full((batch.num_rows, len(attributes)), np.nan)
            for column, attribute in enumerate(attributes):
                if f"smart_{attribute}" in there:
                    matrix[:, column] = batch[f"smart_{attribute}"].to_numpy(zero_copy_only=False)
                    if attribute == _COMMAND_TIMEOUT and not names_models:
                        # Written when its three words were taken for one count on drives not called ST.
                        matrix[:, column] = np.fmod(matrix[:, column], _WORD)
            part.counters.append(matrix)
    return part


def _names_models(schema: pa.Schema) -> bool:
    """Tell whether a snapshot names the models of its drives; those of earlier versions of the app do not.

    Raises
    ------
    ArrowInvalid
        Its column is not as `functions.scoring.history.snapshots` writes it.
    """
    if MODEL_COLUMN not in schema.names:
        return False
    found = schema.field(MODEL_COLUMN).type
    if found != pa.uint64():
        msg = f"its column {MODEL_COLUMN} is of type {found}, not uint64"
        raise pa.ArrowInvalid(msg)
    return True


def join_parts(parts: Sequence[SnapshotPart]) -> Snapshot | None:
    """Make one of the snapshots of a day; where a drive is in several, the last part's last row counts."""
    parts = [part for part in parts if part.serials]
    return Snapshot(parts) if parts else None
