from __future__ import annotations

import json
import shlex
import socket

import pytest

from ops.__main__ import main
from ops.start import EXAMPLE, lines_to_try


def test_the_lines_can_be_pasted_into_a_shell() -> None:
    lines = lines_to_try(7099).replace("\\\n", "")
    commands = [shlex.split(line) for line in lines.splitlines() if line.startswith("  ")]
    assert [command[0] for command in commands] == ["curl"] * 3 + [".venv/bin/python"] * 2
    assert all("http://localhost:7099/api" in command[1] for command in commands[:3])
    assert json.loads(commands[2][-1]) == json.loads(EXAMPLE)


def test_a_busy_port_names_what_chooses_another(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert main(["start", "--port", port]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"error: port {port}: ")
    assert "`make start PORT=" in shown.err
    assert "--port" in shown.err
