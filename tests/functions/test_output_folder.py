"""Outputs that may be replaced, and files that may not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from functions import score
from functions.output_folder import BEGINNINGS, ForeignOutputError, OutputFolder
from tests.support.drives import row, table

FOREIGN = [
    b"",
    table([row()]),
    b"<!doctype html>\n<title>Mine</title>",
    b'{\n  "name": "x"\n}\n',
    b"\0" * 5_000,
]


def put_outputs(folder: Path, models: Path, name: str = "day.csv") -> OutputFolder:
    """Score a file into a folder."""
    path = folder.with_name(name)
    path.write_bytes(table([row()]))
    assert score.main([str(path), "--output", str(folder), "--models", str(models)]) == 0
    return OutputFolder(folder, name)


def test_outputs_of_the_same_source_may_be_replaced(small_models: Path, tmp_path: Path) -> None:
    outputs = put_outputs(tmp_path / "out", small_models)
    outputs.refuse_foreign()
    for target, part in zip(outputs.targets(), outputs.parts(), strict=True):
        part.write_bytes(target.read_bytes())
    outputs.refuse_foreign()
    for part in outputs.parts():
        part.write_bytes(b"")
    outputs.targets()[-1].unlink()  # as after a kill
    outputs.refuse_foreign()


def test_outputs_of_an_earlier_release_may_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_bytes(
        b"line,date,serial_number,model,probability,risk,reason_1,reason_2,reason_3,history_days,model_version\n"
    )
    OutputFolder(tmp_path, "day.csv").refuse_foreign()


def test_a_failed_summary_may_be_replaced(small_models: Path, tmp_path: Path) -> None:
    path = tmp_path / "day.csv"
    path.write_bytes(b"x")
    assert score.main([str(path), "--output", str(tmp_path / "out"), "--models", str(small_models)]) == 1
    OutputFolder(tmp_path / "out", "day.csv").refuse_foreign()


@pytest.mark.parametrize("extension", BEGINNINGS)
@pytest.mark.parametrize("ending", ["", ".part"])
@pytest.mark.parametrize("content", FOREIGN)
def test_other_files_may_not(tmp_path: Path, extension: str, ending: str, content: bytes) -> None:
    path = tmp_path / f"day.{extension}{ending}"
    path.write_bytes(content)
    outputs = OutputFolder(tmp_path, "day.csv.gz")
    if ending and not content:
        outputs.refuse_foreign()
        return
    with pytest.raises(ForeignOutputError, match=re.escape(path.name)):
        outputs.refuse_foreign()


@pytest.mark.parametrize("extension", BEGINNINGS)
def test_a_folder_may_not(tmp_path: Path, extension: str) -> None:
    (tmp_path / f"day.{extension}").mkdir()
    with pytest.raises(ForeignOutputError):
        OutputFolder(tmp_path, "day.csv").refuse_foreign()


def test_a_summary_that_is_damaged_is_of_another_source(tmp_path: Path) -> None:
    (tmp_path / "day.summary.json").write_bytes(b'{\n  "status": "scored",\n  "source": {"name": "\xff"}\n}')
    with pytest.raises(ForeignOutputError, match=r"\bday\.csv\b"):
        OutputFolder(tmp_path, "day.csv").refuse_foreign()


def test_outputs_of_another_source_may_not(small_models: Path, tmp_path: Path) -> None:
    put_outputs(tmp_path / "out", small_models)
    with pytest.raises(ForeignOutputError, match=r"day\.csv,.* day\.csv\.gz"):
        OutputFolder(tmp_path / "out", "day.csv.gz").refuse_foreign()
