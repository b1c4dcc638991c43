from __future__ import annotations

from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from training.telemetry.data import read_telemetry, sorted_last_wins
from training.telemetry.drive_names import name_drives

ROWS = st.lists(
    st.tuples(st.sampled_from("ABC"), st.sampled_from(["X", "Y"]), st.integers(0, 2)), max_size=25
)


def table(rows: list[tuple[str, str, int]]) -> pl.DataFrame:
    return pl.DataFrame(
        rows, schema={"serial_number": pl.String, "model": pl.String, "date": pl.Int64}, orient="row"
    ).with_row_index("line")


@given(ROWS)
def test_the_last_row_of_each_drive_and_day_stays(rows: list[tuple[str, str, int]]) -> None:
    """As a dict finds them: drives that share a serial number on a day are told apart everywhere."""
    models: dict[tuple[str, int], set[str]] = {}
    for serial, model, day in rows:
        models.setdefault((serial, day), set()).add(model)
    shared = {serial for (serial, _), found in models.items() if len(found) > 1}
    last = {
        (f"{serial}\t{model}" if serial in shared else serial, day): line
        for line, (serial, model, day) in enumerate(rows)
    }
    found = sorted_last_wins(table(rows))
    names = found.select("serial_number", "date").rows()
    assert dict(zip(names, found["line"].to_list(), strict=True)) == last
    assert names == sorted(names)


def test_most_telemetry_stays_as_it_is() -> None:
    """A drive whose model is written otherwise from some day on too."""
    frame = table([("A", "X", 0), ("A", "Y", 1), ("B", "X", 0), ("B", "X", 0)])
    assert name_drives(frame) is frame


def test_both_drives_are_read(tmp_path: Path) -> None:
    lines = [f"2024-01-01,152D,{model},1,0,{value}" for value, model in enumerate(("WDC", "ST4"))]
    header = "date,serial_number,model,capacity_bytes,failure,smart_5_raw"
    (tmp_path / "day.csv").write_text("\n".join([header, *lines, ""]))
    read = read_telemetry([tmp_path], None, progress=False)
    assert read.select("model", "smart_5_raw").rows() == [("ST4", 1), ("WDC", 0)]
    assert read["serial_number"].n_unique() == 2
