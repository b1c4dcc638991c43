"""`python -m functions.score` on files."""

import gzip
import json
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from functions import score
from functions.scoring.engine.pipeline import ScoredBlocks
from tests.support.drives import WORN, read_csv, row, table
from tests.support.running_app import PROJECT

type Run = Callable[..., int]


@pytest.fixture
def run(small_models: Path, tmp_path: Path) -> Run:
    """Score files of the test's folder into its folder ``out``."""

    def main(*arguments: object) -> int:
        options = ["--models", small_models, "--output", tmp_path / "out"]
        return score.main([str(part) for part in (*arguments, *options)])

    return main


def put(folder: Path, name: str, *rows: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    data = table(rows or (row("A"), row("B", **WORN), "oops"))
    path.write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)
    return path


def outputs(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "out").iterdir())}


def summary(folder: Path, stem: str = "day") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "out" / f"{stem}.summary.json").read_bytes())
    return found


def test_a_file(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = put(tmp_path, "day.csv")
    assert run(path) == 0
    found = outputs(tmp_path)
    assert list(found) == ["day.csv", "day.rejects.csv", "day.report.html", "day.summary.json"]
    assert [line["risk"] for line in read_csv(found["day.csv"])] == ["low", "critical"]
    assert [line["line"] for line in read_csv(found["day.rejects.csv"])] == ["4"]
    told = summary(tmp_path)
    assert told["status"] == "scored"
    assert found["day.report.html"].startswith(b"<!doctype html>")
    assert told["source"]["name"] == "day.csv"
    assert told["source"]["bytes"] == path.stat().st_size
    expected = f"{path}: 2 scored, 1 rejected (1 low, 1 critical) -> {tmp_path / 'out' / 'day.csv'}\n"
    assert capsys.readouterr().out == expected


def test_gzip_and_another_model(run: Run, tmp_path: Path) -> None:
    assert run(put(tmp_path, "day.csv.gz"), "--model", "v1", "--threads", "1") == 0
    assert list(outputs(tmp_path)) == ["day.csv", "day.rejects.csv", "day.report.html", "day.summary.json"]
    assert summary(tmp_path)["model_version"] == "v1"


def test_the_same_bytes_again(run: Run, tmp_path: Path) -> None:
    arguments = (put(tmp_path, "day.csv"), "--history", tmp_path / "history")
    assert run(*arguments) == 0
    first = outputs(tmp_path)
    assert run(*arguments) == 0
    assert outputs(tmp_path) == first


def test_a_failed_file_leaves_a_summary_only(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = put(tmp_path, "day.csv")
    assert run(path) == 0
    path.write_bytes(b"a;b\n1;2\n")
    assert run(path) == 1
    assert list(outputs(tmp_path)) == ["day.summary.json"]
    detail = summary(tmp_path)["error"]["detail"]
    assert "semicolons" in detail
    assert capsys.readouterr().err == f"{path}: failed: {detail}\n"


def test_one_failure_does_not_keep_the_others_from_being_scored(run: Run, tmp_path: Path) -> None:
    good, bad = put(tmp_path, "good.csv"), tmp_path / "bad.csv"
    bad.write_bytes(b"")
    assert run(bad, good) == 1
    assert summary(tmp_path, "bad")["status"] == "failed"
    assert summary(tmp_path, "good")["status"] == "scored"


def test_too_many_rejects(run: Run, tmp_path: Path) -> None:
    assert run(put(tmp_path, "day.csv", row("A"), "x", "y")) == 1
    assert "2 of 3 lines" in summary(tmp_path)["error"]["detail"]
    assert list(outputs(tmp_path)) == ["day.summary.json"]


def test_missing_files_and_folders(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "folder.csv").mkdir()
    assert run(tmp_path / "none.csv", tmp_path / "folder.csv") == 1
    told = capsys.readouterr().err.splitlines()
    missing = f"{tmp_path / 'none.csv'}"
    assert told[0].startswith(f"{missing}: failed: {missing} ")
    assert "No such file or directory" in told[0]
    assert "Is a directory" in told[1]
    assert list(outputs(tmp_path)) == ["folder.summary.json"]


def test_a_file_that_changes_while_it_is_read(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = put(tmp_path, "day.csv")
    read_header = ScoredBlocks.open

    def append_first(blocks: ScoredBlocks, lines: Any, lines_before: int) -> Any:
        with path.open("ab") as file:
            file.write(b"2014-01-25")
        return read_header(blocks, lines, lines_before)

    monkeypatch.setattr(ScoredBlocks, "open", append_first)
    assert run(path, "--history", tmp_path / "history") == 1
    assert "day.csv" in capsys.readouterr().err
    assert list(outputs(tmp_path)) == ["day.summary.json"]
    assert not list((tmp_path / "history").rglob("*.*"))


def test_history_over_several_runs_in_the_order_given(run: Run, tmp_path: Path) -> None:
    week = put(tmp_path, "2014-01-18.csv", row("B", "2014-01-18", smart_187_raw=2, smart_5_raw=48))
    day = put(tmp_path, "2014-01-25.csv", row("B", "2014-01-25", **WORN))
    assert run(day, week, "--history", tmp_path / "history") == 0
    assert summary(tmp_path, "2014-01-25")["history"]["days_joined"] == []
    assert run(week, day, "--history", tmp_path / "history") == 0
    assert summary(tmp_path, "2014-01-25")["history"] == {
        "rows_with_history": 1,
        "days_joined": ["2014-01-18"],
        "snapshots_written": ["2014-01-25/2014-01-25"],
    }
    (line,) = read_csv(outputs(tmp_path)["2014-01-25.csv"])
    assert line["history_days"] == "7"
    rose = "Uncorrectable errors reported to the host rose from 2 to 30 in 7 days"
    assert rose in (line["reason_1"], line["reason_2"], line["reason_3"])
    later = put(tmp_path, "2014-02-15.csv", row("B", "2014-02-15", **WORN))
    assert run(later, "--history", tmp_path / "history") == 0
    assert summary(tmp_path, "2014-02-15")["history"]["days_joined"] == ["2014-01-18"]


def test_equally_named_files_of_two_folders_are_kept_apart(run: Run, tmp_path: Path) -> None:
    for site in ("siteA", "siteB"):
        (tmp_path / site).mkdir()
        path = put(tmp_path / site, "day.csv", row(site, "2014-01-18"))
        assert run(path, "--history", tmp_path / "history") == 0
    week = put(tmp_path, "week.csv", row("siteA"), row("siteB"))
    assert run(week, "--history", tmp_path / "history") == 0
    lines = read_csv((tmp_path / "out" / "week.csv").read_bytes())
    assert [line["history_days"] for line in lines] == ["7", "7"]


def test_a_file_is_the_same_wherever_the_command_runs(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "site", "days.csv", row("A", "2014-01-18"), row("A", "2014-01-25", **WORN))
    found = []
    for folder in (tmp_path, path.parent, Path("/")):
        monkeypatch.chdir(folder)
        assert run(path.relative_to(folder), "--history", tmp_path / "history") == 0
        found.append(outputs(tmp_path))
    assert found[1:] == found[:1] * 2
    assert len(list((tmp_path / "history").rglob("*.arrow"))) == 2


def test_no_two_folders_are_one_place(tmp_path: Path) -> None:
    """Below, beside and above the history; one of them called as those above are."""
    here = tmp_path / "a" / "b"
    inside = str(tmp_path).lstrip("/")
    folders = [here, here / "a", here / inside, here / "up-1", here / "up-1" / "a", here / "up-0"]
    folders += [here / "history", here.parent, here.parent / "a", tmp_path, tmp_path / "a" / "a" / "b"]
    indices = [score._place(folder / "day.csv", here / "history") for folder in folders]
    assert len(set(indices)) == len(indices)
    assert not any(part in ("", ".", "..") for index in indices if index for part in index.split("/"))


def test_a_corrected_file_of_several_dates_does_not_join_its_wrong_version(run: Run, tmp_path: Path) -> None:
    for sectors in (9, 48):
        rows = [row("A", "2014-01-18", smart_5_raw=sectors), row("A", "2014-01-25", smart_5_raw=sectors)]
        assert run(put(tmp_path, "days.csv", *rows), "--history", tmp_path / "history") == 0
        lines = read_csv((tmp_path / "out" / "days.csv").read_bytes())
        assert [line["history_days"] for line in lines] == ["0", "0"]


def test_a_date_that_a_correction_lacks_is_no_history(run: Run, tmp_path: Path) -> None:
    """Nor is one of a file that is refused now; another file's stays, and one that had a single date."""
    history = tmp_path / "history"

    def left() -> list[str]:
        return sorted(
            f"{path.relative_to(history).parts[0]}/{path.stem}" for path in history.rglob("*.arrow")
        )

    days = ("2014-01-11", "2014-01-18", "2014-01-25")
    assert run(put(tmp_path, "other.csv", row("B", days[0])), "--history", history) == 0
    for newer, kept in ((row("A", days[1]), [f"{days[1]}/days"]), ("oops", [])):
        path = put(tmp_path, "days.csv", *(row("A", day) for day in days))
        assert run(path, "--history", history) == 0
        assert left() == sorted([f"{days[0]}/other", *(f"{day}/days" for day in days)])
        assert run(put(tmp_path, "days.csv", newer), "--history", history) == (1 if newer == "oops" else 0)
        assert left() == sorted([f"{days[0]}/other", *kept])
    for day in days:
        assert run(put(tmp_path, "latest.csv", row("A", day)), "--history", history) == 0
    assert left() == sorted([f"{days[0]}/other", *(f"{day}/latest" for day in days)])


def test_one_date_corrected_by_several_is_not_joined(run: Run, tmp_path: Path) -> None:
    rows = [row("A", "2014-01-18"), row("A", "2014-01-25")]
    assert run(put(tmp_path, "days.csv", rows[0]), "--history", tmp_path / "history") == 0
    for _ in range(2):
        assert run(put(tmp_path, "days.csv", *rows), "--history", tmp_path / "history") == 0
        lines = read_csv((tmp_path / "out" / "days.csv").read_bytes())
        assert [line["history_days"] for line in lines] == ["0", "0"]


def test_without_history_none_is_written(run: Run, tmp_path: Path) -> None:
    assert run(put(tmp_path, "day.csv")) == 0
    assert summary(tmp_path)["history"]["snapshots_written"] == []


def test_a_damaged_snapshot_fails_the_file(run: Run, tmp_path: Path) -> None:
    damaged = tmp_path / "history" / "2014-01-18" / "day.arrow"
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(b"junk")
    assert run(put(tmp_path, "day.csv"), "--history", tmp_path / "history") == 1
    assert summary(tmp_path)["error"]["code"] == "bad_snapshot"


def test_an_arrow_file_of_somebody_else_is_not_replaced(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(put(tmp_path, "day.csv"), "--history", tmp_path / "history") == 0
    (theirs,) = (tmp_path / "history").rglob("*.arrow")
    batch = pa.record_batch([pa.array([1])], names=["x"])
    with pa.ipc.new_file(str(theirs), batch.schema) as writer:
        writer.write_batch(batch)
    before = theirs.read_bytes()
    assert run(put(tmp_path, "day.csv"), "--history", tmp_path / "history") == 1
    assert f"{theirs} is there already and is no snapshot, so" in capsys.readouterr().err
    assert theirs.read_bytes() == before
    theirs.write_bytes(b"\0" * len(before))
    assert run(put(tmp_path, "day.csv"), "--history", tmp_path / "history") == 0, "damage is cured so"


def usage(run: Run, *arguments: object) -> int:
    with pytest.raises(SystemExit) as caught:
        run(*arguments)
    return int(str(caught.value.code))


@pytest.mark.parametrize(
    "names",
    [
        ("a/day.csv", "b/day.csv"),
        ("day.csv", "day.csv.gz"),
        ("day.json", "day.csv"),
        ("a.csv", "a.rejects.csv"),
    ],
)
def test_files_with_the_same_outputs(
    run: Run, tmp_path: Path, names: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert usage(run, *(put(tmp_path, name) for name in names)) == 2
    assert Path(names[1]).name.removesuffix(".gz") in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["day.csv", "day.rejects.csv"])
def test_an_input_is_never_written(
    run: Run, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = put(tmp_path / "out", name)
    before = path.read_bytes()
    assert usage(run, path) == 2
    assert re.search(rf"error: {re.escape(str(path))} .*--output", capsys.readouterr().err)
    assert path.read_bytes() == before


def test_an_output_without_room_is_named(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = put(tmp_path, "day.csv")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, limits[1]))
    try:
        assert run(path) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    error = summary(tmp_path)["error"]
    assert error["code"] == "disk_full"
    where = tmp_path / "out" / "day.report.html.part"
    assert capsys.readouterr().err == f"{path}: failed: {error['detail']} ({where})\n"
    assert str(tmp_path) not in error["detail"]
    assert list(outputs(tmp_path)) == ["day.summary.json"]


def test_raw_data_is_not_replaced(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = put(tmp_path / "out", "day.csv")
    before = outputs(tmp_path)
    packed = put(tmp_path, "day.csv.gz")
    assert run(packed) == 1
    assert f"{raw} " in capsys.readouterr().err
    assert outputs(tmp_path) == before


def test_wrong_usage(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = put(tmp_path, "day.csv")
    assert usage(run) == 2
    assert usage(run, path, "--threads", "0") == 2
    (tmp_path / "out").write_text("a file")
    assert usage(run, path) == 2
    assert ": File exists" in capsys.readouterr().err


def test_an_unknown_model(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(put(tmp_path, "day.csv"), "--model", "v9") == 1
    assert re.match("error: .*'v9'.*: ", capsys.readouterr().err)


def test_as_a_command(small_models: Path, tmp_path: Path) -> None:
    path = put(tmp_path, "day.csv")
    command = [sys.executable, "-m", "functions.score", str(path), "--output", str(tmp_path / "out")]
    done = subprocess.run(
        [*command, "--models", str(small_models)], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 scored, 1 rejected" in done.stdout
