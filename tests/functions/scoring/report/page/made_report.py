"""Reports of a small fleet, and hostile text to put into them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer
from functions.scoring.report.page.render import report_page
from functions.scoring.report.tally import Source
from tests.support.drives import RAW, Scored, row, score, table
from tests.support.running_app import PROJECT

HOSTILE = (
    "<script>document.title='taken'</script>",
    "\"'><img src=x onerror=alert(1)>",
    "&lt;b&gt; & <!-- ]]> </style></svg>",
    "\u202egnp.exe\u2066",
    "שלום-עולם",
    "\x00\x1b[31m\ud800",
    "x" * 10_000,
)
"""Serial numbers nobody has, and somebody will upload."""


@cache
def scorer(version: str) -> Scorer:
    """Load a committed model."""
    return Scorer(Model.load(PROJECT / "models", version))


MODELS = tuple(f"ST{4 + number % 5}000DM00{number % 3}" for number in range(15))
"""Drive models of a mixed fleet; the committed models were trained on one of them."""


def fleet(drives: int = 400, models: Sequence[str] = MODELS) -> bytes:
    """Make a day of drives, some of them worn, some of which report nothing, and two bad lines."""
    rows = []
    for number in range(drives):
        raw: dict[str, Any] = {}
        if number % 9 == 0:
            raw = {"smart_5_raw": 8 * number, "smart_197_raw": number // 3, "smart_187_raw": number % 31}
        if number % 50 == 49:
            raw = dict.fromkeys(RAW, "")
        rows.append(row(f"S{number}", model=models[number % len(models)], **raw))
    return table([*rows, "oops", row("X", date="2014-02-30")])


def report_of(
    data: bytes, name: str = "day.csv", etag: str = '"0x8DD0C0FFEE"', challenger: str | None = "v1"
) -> tuple[Scored, str]:
    """Score bytes with the committed models; return what came of them and the page."""
    shadow = scorer(challenger) if challenger else None
    engine = CsvEngine(scorer("v2"), max_reject_share=1.0, challenger=shadow)
    found = score(engine, data, name=name, etag=etag)
    source = Source(name, etag, len(data))
    page = report_page(source, found.tally, found.summary, scorer("v2").model.manifest)
    return found, page.decode()
