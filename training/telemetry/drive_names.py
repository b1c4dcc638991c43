"""The name of a drive: its serial number, unless drives of other models have it too."""

from __future__ import annotations

import polars as pl


def name_drives(frame: pl.DataFrame) -> pl.DataFrame:
    """Return drive-days in which serial_number is another for each drive.

    Drives of different models with one serial number on one day get it with their model. A drive whose model
    is written otherwise from some day on stays one.

    Parameters
    ----------
    frame : polars.DataFrame
        serial_number, model and date, sorted by (serial_number, date). The order stays, so that drives that
        are named anew are mixed among each other.
    """
    serial, model, date = pl.col("serial_number"), pl.col("model"), pl.col("date")
    next_too = (serial == serial.shift(-1)) & (date == date.shift(-1)) & (model != model.shift(-1))
    shared = frame.filter(next_too)["serial_number"].unique()
    if shared.is_empty():
        return frame
    named = pl.when(serial.is_in(shared.implode())).then(pl.format("{}\t{}", serial, model)).otherwise(serial)
    return frame.with_columns(named.alias("serial_number"))
