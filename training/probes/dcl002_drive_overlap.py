"""DCL002: drives that are reported as never seen were trained on."""

from __future__ import annotations

import polars as pl

from training.probes.evidence import Evidence
from training.probes.result import ProbeResult

CODE = "DCL002"


def probe(evidence: Evidence) -> ProbeResult:
    """Count held-out drives in train and validation, and drives called unseen that train has rows of."""
    rows = evidence.rows
    early = rows.filter(pl.col("split").cast(pl.String).is_in(["train", "validation"]))
    elsewhere = [_drives(other) for other in evidence.also_trained_on]
    apart = _drives(rows.filter("held_out"))
    unseen = _drives(evidence.test.filter(~pl.col("drive_seen")))
    held_out = pl.concat([_drives(early), *elsewhere]).join(apart, on="serial_number", how="semi")
    called_unseen = pl.concat([_drives(evidence.train), *elsewhere]).join(
        unseen, on="serial_number", how="semi"
    )
    found = pl.concat([held_out, called_unseen]).unique()["serial_number"].sort()
    message = (
        f"{len(found):,} drives that count as unseen have rows in train or validation, {found[0]} among them"
        if len(found)
        else f"none of the {apart.height:,} held-out drives has a row in train or validation"
    )
    return ProbeResult(CODE, bool(len(found)), float(len(found)), 0.0, message)


def _drives(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(pl.col("serial_number").unique().cast(pl.String))
