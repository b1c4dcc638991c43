from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from devhost.azurite import connection_string
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


def test_what_is_no_connection_string_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = tmp_path / "day.json"
    day.write_text("[]\n")
    assert main(["upload", str(day), "--storage", "nonsense"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("error: --storage ")
    assert err.count("\n") == 1


@pytest.fixture(params=["refused", "silent"])
def unreachable(request: pytest.FixtureRequest) -> Iterator[str]:
    """A connection string of nobody: the port is closed, or open and full so that no connection is made."""
    with socket.socket() as server, ExitStack() as held:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        if request.param == "silent":
            server.listen(0)
            for _ in range(3):
                client = held.enter_context(socket.socket())
                client.setblocking(False)
                client.connect_ex(("127.0.0.1", port))
        yield connection_string(port, port, port)


@pytest.mark.parametrize(
    "command",
    [["status", "--url", "http://127.0.0.1:9"], ["watch"], ["poison", "list"], ["upload"]],
)
def test_an_account_that_cannot_be_reached_is_said_within_five_seconds(
    command: list[str],
    unreachable: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("AzureWebJobsStorage", unreachable)
    day = tmp_path / "day.csv"
    day.write_text("date,serial_number,model\n")
    began = time.monotonic()
    assert main([*command, *([str(day)] if command == ["upload"] else [])]) == 1
    assert time.monotonic() - began < 5
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert "127.0.0.1" in err
    assert "`make start`" in err
