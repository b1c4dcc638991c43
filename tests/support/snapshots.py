"""Drives as history keeps them, and snapshots as earlier versions of the app wrote them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from functions.scoring.drive_keys import DriveKeys, model_hashes
from functions.scoring.history.snapshots import MODEL_COLUMN, snapshot_rows
from functions.scoring.seal import seal, unseal

MODEL = "ST4000DM000"
"""The model of drives of which a test says nothing else."""


def hashes_of(models: Sequence[str]) -> NDArray[np.uint64]:
    """Hash drive models."""
    return model_hashes(pa.array(models, pa.string()).dictionary_encode())


def drive_keys(serials: Sequence[str], models: Sequence[str] | None = None) -> DriveKeys:
    """Make the keys of drives."""
    return DriveKeys.of(pa.array(serials, pa.string()), hashes_of(models or [MODEL] * len(serials)))


def kept(
    serials: Sequence[str], values: ArrayLike, attributes: Sequence[int], models: Sequence[str] | None = None
) -> pa.RecordBatch:
    """Make rows as history keeps them."""
    hashes = hashes_of(models or [MODEL] * len(serials))
    return snapshot_rows(pa.array(serials, pa.string()), hashes, np.array(values, float), attributes)


def without_models(snapshot: bytes) -> bytes:
    """Return a snapshot as the app wrote it when drives were known by serial number alone."""
    content, dates = unseal(snapshot)
    with pa.ipc.open_file(pa.py_buffer(content)) as reader:
        table = reader.read_all().drop_columns([MODEL_COLUMN])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:
        writer.write_table(table)
    return seal(sink.getvalue().to_pybytes(), dates or 1)


def forget_models(history: Path) -> None:
    """Make the snapshots of a folder those of an earlier version of the app."""
    for path in history.rglob("*.arrow"):
        path.write_bytes(without_models(path.read_bytes()))
