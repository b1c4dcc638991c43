"""Some random CSV files, from one seed; and a line that is lost, or there twice, is seen."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.campaigns.campaign import run
from tests.campaigns.csv_files import CsvFiles, Outputs, check_lines, in_one_piece
from tests.support.drives import row, table

TRIES = 80


@pytest.mark.slow
def test_files(small_models: Path, tmp_path: Path) -> None:
    with CsvFiles(small_models, tmp_path) as campaign:
        result = run(campaign, 19, tries=TRIES)
    assert result.breach is None, result.breach.story
    assert min(result.outcomes[name] for name in ("files", "scored", "rejected")) > 10


@pytest.mark.parametrize(
    "spoil",
    [
        lambda outputs: outputs._replace(scored=outputs.scored[: outputs.scored.rindex(b"\n", 0, -1) + 1]),
        lambda outputs: outputs._replace(rejects=outputs.rejects + outputs.rejects.splitlines(True)[-1]),
        lambda outputs: outputs._replace(rejects=outputs.rejects.replace(b"\n3,", b"\n2,")),
    ],
    ids=["a row less", "a reject twice", "a reject of another line"],
)
def test_a_lost_line_is_seen(
    small_models: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Outputs], Outputs]
) -> None:
    monkeypatch.setitem(os.environ, "MODELS_FOLDER", str(small_models))
    data = table([row("A"), "oops", row("B")])
    outputs = in_one_piece(data, [])
    check_lines(data, outputs)
    with pytest.raises(AssertionError):
        check_lines(data, spoil(outputs))
