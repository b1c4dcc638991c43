"""Random CSV files in one piece, in ranges and compressed: no line is lost, outputs are the same bytes."""

from __future__ import annotations

import gzip
import os
import random
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, override

from functions.errors import DrivecastError
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer
from tests.campaigns.campaign import Campaign
from tests.campaigns.csv_mutations import mishandled
from tests.campaigns.sandbox import Sandbox
from tests.support.drives import Scored, cut, read_csv, score
from tests.support.in_ranges import score_in_ranges


class Outputs(NamedTuple):
    """What comes of a file: outputs and summary, or the error."""

    scored: bytes = b""
    rejects: bytes = b""
    summary: dict[str, Any] | None = None
    error: str | None = None


@cache
def scorer() -> Scorer:
    """Load the model once in a process."""
    return Scorer(Model.load(Path(os.environ["MODELS_FOLDER"])))


def outputs_of(make: Callable[[], Scored]) -> Outputs:
    """Return the outputs, or the error; the source is left out, whose size is that of the stored bytes."""
    try:
        made = make()
    except DrivecastError as error:
        return Outputs(error=f"{error.code}: {error.detail}")
    summary = {name: value for name, value in made.summary.items() if name != "source"}
    return Outputs(made.scored, made.rejects, summary)


def in_one_piece(data: bytes, sizes: list[int]) -> Outputs:
    """Score a file that arrives in chunks of these sizes, over and over."""
    engine = CsvEngine(scorer(), threads=2, max_reject_share=1.0)
    return outputs_of(lambda: score(engine, cut(data, sizes)))


def in_ranges(data: bytes, range_bytes: int) -> Outputs:
    """Score a file in ranges."""
    return outputs_of(lambda: score_in_ranges(scorer(), data, range_bytes))


class CsvFiles(Campaign):
    """One file a try, scored in every way."""

    name = "csv"

    @override
    def start(self) -> None:
        self.sandbox = self.stack.enter_context(Sandbox({"MODELS_FOLDER": str(self.models)}))

    @override
    def attempt(self, chance: random.Random) -> Counter[str]:
        data = mishandled(chance)
        self.evidence["file.csv"] = data
        whole = self.sandbox.call(in_one_piece, data, [])
        chunks = [chance.choice([0, 1, 7, 100, 4096]) for _ in range(chance.randint(1, 4))]
        others = {
            f"chunks of {chunks}": self.sandbox.call(in_one_piece, data, chunks),
            "gzip": self.sandbox.call(in_one_piece, zipped(data, chance), []),
        }
        if data:
            for pieces in {2, chance.randint(3, 9)}:
                size = max(1, len(data) // pieces)
                others[f"ranges of {size} bytes"] = self.sandbox.call(in_ranges, data, size)
        for way, found in others.items():
            for name, one, other in zip(Outputs._fields, whole, found, strict=True):
                assert one == other, f"{name} differs in {way}: {str(other)[:200]} for {str(one)[:200]}"
        if whole.error is not None:
            return Counter({f"failed ({whole.error.partition(':')[0]})": 1})
        check_lines(data, whole)
        assert whole.summary is not None
        counts = whole.summary["lines"]
        return Counter(files=1, scored=counts["accepted"], rejected=counts["rejected"])


def zipped(data: bytes, chance: random.Random) -> bytes:
    """Compress, in one member or in two."""
    index = chance.choice([0, chance.randrange(len(data) + 1)])
    parts = [data[:index], data[index:]] if index else [data]
    return b"".join(gzip.compress(part, chance.choice([1, 9]), mtime=0) for part in parts)


def check_lines(data: bytes, outputs: Outputs) -> None:
    """Account for every line of a file that was scored: once, as a scored row or as a reject."""
    assert outputs.summary is not None
    physical = data.count(b"\n") + (not data.endswith(b"\n")) - 1
    counts = outputs.summary["lines"]
    assert counts["data"] == physical, f"{counts} for {physical} lines"
    assert counts["accepted"] + counts["rejected"] == physical, counts
    assert sum(outputs.summary["rejects"].values()) == counts["rejected"], outputs.summary["rejects"]
    rows, rejects = read_csv(outputs.scored), read_csv(outputs.rejects)
    scored, rejected = ([int(each["line"]) for each in found] for found in (rows, rejects))
    assert (len(scored), len(rejected)) == (counts["accepted"], counts["rejected"]), counts
    assert scored == sorted(scored), "scored rows are not in input order"
    assert rejected == sorted(rejected), "rejects are not in input order"
    assert sorted(scored + rejected) == list(range(2, physical + 2)), "lines are missing, or there twice"
