from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from ops.app.predict_client import AnswerReason, Prediction
from ops.demo.fleet import DemoFleet
from ops.demo.report import DemoResult, show
from ops.outputs.run_summary import RunSummary, SummaryFleet, SummaryHistory, SummaryLines, SummarySource
from ops.outputs.worst_drives import ScoredDrive

SUMMARY = RunSummary(
    status="scored",
    source=SummarySource("telemetry/day.csv", "0x1"),
    model_version="v2",
    lines=SummaryLines(5001, 5000, 1),
    rejects={"bad_date": 1},
    risk={"low": 4990, "critical": 10},
    fleet=SummaryFleet(5000, {"trained": 0, "similar": 4700, "unknown": 300}, 4700, 12.34, (6, 20)),
    history=SummaryHistory(4000),
)
DRIVE = ScoredDrive(
    "2014-01-25", "Z305[bold]", "ST4000DM000", 0.98765, "critical", "similar", "48 reallocated sectors"
)
PREDICTION = Prediction(
    "Z305[bold]",
    0.98765,
    "critical",
    "Replace it.",
    "v2",
    "similar",
    "Similar to others.",
    [AnswerReason("It has 48 bad sectors.")],
)


def shown(result: DemoResult) -> str:
    """Return what a person sees."""
    text = io.StringIO()
    show(Console(file=text, width=130), result)
    return text.getvalue()


def test_says_everything_a_person_wants_to_see() -> None:
    fleet = DemoFleet(Path("fleet/day.csv"), (Path("fleet/earlier.csv"),), simulated=True)
    text = shown(DemoResult(fleet, SUMMARY, 1.234, [DRIVE], PREDICTION, [Path("demo-output/day.csv")]))
    for expected in [
        "SIMULATED",
        "earlier",
        "5,001 rows in, 5,000 scored, 1 rejected, 4,000 with history",
        "1.23 s from upload to summary, model v2; rejected for bad_date (1)",
        "4,990",
        "Z305[bold]",
        "98.77%",
        "48 reallocated sectors",
        "POST /api/predict",
        "Replace it.",
        "It has 48 bad sectors.",
        "4,700 similar, 300 unknown",
        "12.3 failures expected (95 % interval 6 to 20), for 4,700 of 5,000 drives",
        "Similar to others.",
        "demo-output/day.csv",
    ]:
        assert expected in text


def test_a_given_file_is_not_called_simulated() -> None:
    fleet = DemoFleet(Path("2014-01-25.csv"), (), simulated=False)
    text = shown(DemoResult(fleet, SUMMARY, 1.234, [], None, []))
    assert "SIMULATED" not in text
    assert "2014-01-25.csv" in text
    assert "POST /api/predict" in text
