from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import polars as pl
import pytest

from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.history.folder_store import FolderSnapshotStore
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer
from tests.real_data import ST4000DM000, needs_real_data
from tests.support.small_model import small_models
from tests.training import made_fleet
from training.__main__ import main
from training.backtesting.day_spool import DaySpool
from training.backtesting.gather import gather
from training.backtesting.run import backtest
from training.backtesting.scored_days import scored_days
from training.commands.simulate import simulate

pytestmark = pytest.mark.slow

__all__ = ["small_models"]

START = dt.date(2025, 6, 1)


@pytest.fixture(scope="module")
def telemetry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fleet")
    simulate(folder, drives=400, days=60, seed=5, start=START, failure_rate=0.8)
    return folder


def test_a_period_is_replayed_with_history_and_held_against_what_happened(
    telemetry: Path, small_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out"
    arguments = ["--data", str(telemetry), "--from", "2025-06-20", "--to", "2025-06-25", "--warm-up", "12"]
    code = main(["backtest", *arguments, "--models", str(small_models), "--output", str(output), "--quiet"])
    printed = capsys.readouterr()
    assert code == 0, printed.err
    found = json.loads((output / "backtest.json").read_bytes())
    assert found["days"] == {"scored": 6, "warm_up": 12, "missing": [], "failed": {}, "rejected_lines": 0}
    assert found["protocol"]["version"] == "v2"
    assert found["all_drives"]["drives"]["positives"] > 0
    assert found["all_drives"]["rows"]["count"] <= found["workload"]["scored_rows"]
    assert found["workload"]["rows_with_history"] > 0.9 * found["workload"]["scored_rows"]
    assert "v2, 2025-06-20 to 2025-06-25, horizon 30 days" in printed.out
    assert f"(prevalence {found['all_drives']['drives']['prevalence']:.2%})" in printed.out
    for name in ("backtest_alarms.png", "backtest_precision_recall.png"):
        assert (output / name).read_bytes().startswith(b"\x89PNG")

    again = tmp_path / "again"
    main(["backtest", *arguments, "--models", str(small_models), "--output", str(again), "--quiet"])
    for path in output.iterdir():
        assert path.read_bytes() == (again / path.name).read_bytes()


def test_scores_are_those_of_the_engine_on_the_published_files(
    telemetry: Path, small_models: Path, tmp_path: Path
) -> None:
    """What production would have answered: the published files, in order, with one history folder."""
    engine = CsvEngine(Scorer(Model.load(small_models)))
    published = DaySpool(tmp_path, [])
    days = [START + dt.timedelta(days=number) for number in range(10)]
    (tmp_path / "days").mkdir()
    for day in days:
        name = f"{day.isoformat()}.csv"
        published.path(day).write_bytes((telemetry / name).read_bytes())
        published.rows[day] = 1
    expected = pl.concat(one.rows for one in scored_days(engine, published, tmp_path / "history"))

    (tmp_path / "spool").mkdir()
    attributes = [5, 187, 188, 194, 197, 198]
    spool, _ = gather([telemetry], tmp_path / "spool", attributes, days[-1], days[-1], 9, progress=False)
    found = pl.concat(one.rows for one in scored_days(engine, spool, tmp_path / "history2"))
    assert found.equals(expected)
    assert (found.filter(pl.col("date") == days[-1])["history_days"] > 0).any()


def test_snapshots_that_no_window_reaches_are_removed(
    telemetry: Path, small_models: Path, tmp_path: Path
) -> None:
    spool = DaySpool(tmp_path, [])
    for number in (0, 1, 20, 37):
        day = START + dt.timedelta(days=number)
        spool.path(day).write_bytes((telemetry / f"{day.isoformat()}.csv").read_bytes())
        spool.rows[day] = 1
    for _ in scored_days(CsvEngine(Scorer(Model.load(small_models))), spool, tmp_path / "history"):
        pass
    left = sorted(path.name for path in (tmp_path / "history").iterdir())
    assert left == ["2025-06-21", "2025-07-08"]
    assert not FolderSnapshotStore(tmp_path / "history").versions(START)


def test_a_day_that_cannot_be_scored_is_reported_and_the_others_count(
    telemetry: Path, small_models: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for path in telemetry.iterdir():
        (data / path.name).write_bytes(path.read_bytes())
    bad = data / "2025-06-21.csv"
    rows = pl.read_csv(bad, infer_schema=False).with_columns(smart_5_raw=pl.lit(str(2**48)))
    rows.write_csv(bad)
    (data / "2025-06-22.csv").unlink()
    found, _ = backtest(
        Model.load(small_models), [data], dt.date(2025, 6, 20), dt.date(2025, 6, 23), 2, progress=False
    )
    assert found["days"]["missing"] == ["2025-06-22"]
    assert list(found["days"]["failed"]) == ["2025-06-21"]
    assert found["days"]["scored"] == 2
    notes = " ".join(found["notes"])
    assert "2025-06-21" in notes
    assert re.search(r"\b1 days\b", notes)


@pytest.mark.parametrize(
    ("first", "last", "named"),
    [
        ("2025-06-20", "2025-06-10", "--to 2025-06-10 .*--from 2025-06-20"),
        ("2024-01-01", "2024-01-05", r"\b2024-01-01 to 2024-01-05; .*\b2025-"),
        ("2025-07-28", "2025-07-29", r"\b30 days\b"),
    ],
)
def test_what_cannot_be_replayed_is_said_in_a_sentence(
    first: str,
    last: str,
    named: str,
    telemetry: Path,
    small_models: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    where = ["--models", str(small_models), "--output", str(tmp_path / "out"), "--quiet"]
    assert main(["backtest", "--data", str(telemetry), "--from", first, "--to", last, *where]) == 1
    assert re.search(named, capsys.readouterr().err)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_version_shipped_as_tested_replays_to_the_figures_of_its_forward_test(tmp_path: Path) -> None:
    """What is served says what was tested: features, history, model and labels agree from end to end."""
    fleet, models = tmp_path / "fleet.parquet", tmp_path / "models"
    made_fleet.telemetry(300, 170).write_parquet(fleet)
    where = ["--data", str(fleet), "--models", str(models), "--quiet"]
    assert main(["train", "--version", "v2", "--no-search", "--no-refit", "--seeds", "1", *where]) == 0
    evaluation = json.loads((models / "v2" / "evaluation.json").read_bytes())
    first, last = evaluation["protocol"]["periods"][0]["test"]
    output = tmp_path / "out"
    assert main(["backtest", "--from", first, "--to", last, "--output", str(output), *where]) == 0
    found = json.loads((output / "backtest.json").read_bytes())
    expected = evaluation["candidates"]["blend"]
    assert found["all_drives"]["drives"] == expected["all_drives"]["drives"]
    assert found["last_row_per_drive"] == expected["last_row_per_drive"]
    for level, decision in expected["all_drives"]["decisions"].items():
        assert found["all_drives"]["decisions"][level] == pytest.approx(decision)
    assert found["all_drives"]["rows"] == pytest.approx(expected["all_drives"]["rows"], abs=1e-6)
    assert "unseen_drives" in found


@needs_real_data
@pytest.mark.slow
def test_real_days_are_replayed(small_models: Path) -> None:
    found, _ = backtest(
        Model.load(small_models), [ST4000DM000], dt.date(2018, 2, 10), dt.date(2018, 2, 12), 7, progress=False
    )
    assert found["all_drives"]["drives"]["count"] > 30_000
    assert found["all_drives"]["drives"]["average_precision"] > found["all_drives"]["drives"]["prevalence"]
