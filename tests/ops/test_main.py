from __future__ import annotations

from pathlib import Path

import pytest

from ops.__main__ import COMMANDS, main


@pytest.mark.parametrize("arguments", [[], ["deom"], ["demo", "--data"], ["upload"]])
def test_wrong_usage_exits_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "usage: python -m ops" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    assert f"python -m ops {command}" in capsys.readouterr().out


def test_a_failure_is_one_line_and_exit_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "2014-01-25.csv"
    assert main(["demo", "--data", str(missing), "--output", str(tmp_path / "out")]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"error: there is no file {missing}: DATA takes the path of a Backblaze day CSV\n"


@pytest.mark.parametrize("name", ["day.zip", "day.xlsx", ".", "nothing.csv"])
def test_an_upload_of_something_else_is_one_line(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if name.startswith("day"):
        (tmp_path / name).write_bytes(b"x")
    assert main(["upload", str(tmp_path / name)]) == 1
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert err.count("\n") == 1


def test_an_unreachable_account_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = tmp_path / "day.json"
    day.write_text("[]\n")
    assert main(["upload", str(day), "--connection", "nonsense"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("error: AzureWebJobsStorage ")
    assert err.count("\n") == 1
