"""Snapshots read back: the drives of one day, ready to be looked up by serial number."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from functions.scoring.seal import unseal
from functions.scoring.serial_keys import serial_hashes, serial_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Snapshot:
    """One day's drives.

    Looked up by a 64-bit hash of the serial number, which compares in one step where text takes several; the
    serial number itself is compared at the place the hash leads to.

    Parameters
    ----------
    serials : (n,) array of bytes
        Where one is there several times, the last counts.
    counters : (n, k) array of float64
        Decoded values in the order of the attributes it was read for, NaN where missing.

    Attributes
    ----------
    serials, counters
        As given, without repeated drives, in the order of the look-up.
    """

    def __init__(self, serials: NDArray[np.bytes_], counters: NDArray[np.float64]) -> None:
        hashes = serial_hashes(serials)
        rows = _last_rows(hashes, serials)
        self._by_text = rows is None
        if rows is None:
            # Two serial numbers share a hash: about once in 10**8 snapshots of 300,000 drives.
            order = np.argsort(serials, kind="stable")
            rows = order[np.append(serials[order][1:] != serials[order][:-1], True)]
        self.serials = serials[rows]
        # `take` copies a row at once; indexing by an array copies value by value.
        self.counters = counters.take(rows, axis=0)
        self._keys: NDArray[np.generic] = self.serials if self._by_text else hashes[rows]

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return self.serials.nbytes + self.counters.nbytes + self._keys.nbytes

    def find(
        self, serials: NDArray[np.bytes_], hashes: NDArray[np.uint64] | None = None
    ) -> NDArray[np.float64]:
        """Look drives up.

        Parameters
        ----------
        serials : (n,) array of bytes
        hashes : (n,) array of uint64, optional
            Their `serial_hashes`, for who looks them up more than once.

        Returns
        -------
        (n, k) array of float64
            Counters, NaN for drives that are not here.
        """
        if not len(self.serials):
            return np.full((len(serials), self.counters.shape[1]), np.nan)
        if self._by_text:
            places = np.searchsorted(self._keys, serials)
        else:
            places = np.searchsorted(self._keys, serial_hashes(serials) if hashes is None else hashes)
        places[places == len(self.serials)] = 0
        found = self.counters.take(places, axis=0)
        found[self.serials[places] != serials] = np.nan
        return found


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
    """One snapshot as it was read: a part of its day.

    Attributes
    ----------
    keys : list of (n,) arrays of bytes
        Serial numbers, a record batch each.
    values : list of (n, k) arrays of float64
        Counters, in the order of the attributes it was read for.
    """

    keys: list[NDArray[np.bytes_]]
    values: list[NDArray[np.float64]]

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return sum(each.nbytes for each in (*self.keys, *self.values))


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
    part = SnapshotPart([], [])
    there = [f"smart_{a}" for a in attributes if f"smart_{a}" in schema.names]
    options = pa.ipc.IpcReadOptions(
        included_fields=[schema.get_field_index(name) for name in ("serial_number", *there)]
    )
    with pa.ipc.open_file(pa.py_buffer(content), options=options) as reader:
        # Batch by batch: the whole table beside its copy would double the memory.
        for number in range(reader.num_record_batches):
            batch = reader.get_batch(number)
            if dates is None:
                batch.validate(full=True)
            # A copy: what is kept must not keep the file's bytes.
            part.keys.append(serial_keys(batch["serial_number"]).copy())
            matrix = np.full((batch.num_rows, len(attributes)), np.nan)
            for column, attribute in enumerate(attributes):
                if f"smart_{attribute}" in there:
                    matrix[:, column] = batch[f"smart_{attribute}"].to_numpy(zero_copy_only=False)
            part.values.append(matrix)
    return part


def joined(parts: Sequence[SnapshotPart]) -> Snapshot | None:
    """Make one of the snapshots of a day; where a drive is in several, the last part's last row counts."""
    keys = [each for part in parts for each in part.keys]
    if not keys:
        return None
    return Snapshot(np.concatenate(keys), np.concatenate([each for part in parts for each in part.values]))
