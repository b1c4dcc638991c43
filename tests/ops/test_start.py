from __future__ import annotations

import json
import shlex

from ops.start import EXAMPLE, lines_to_try


def test_the_lines_can_be_pasted_into_a_shell() -> None:
    lines = lines_to_try(7099).replace("\\\n", "")
    commands = [shlex.split(line) for line in lines.splitlines() if line.startswith("  ")]
    assert [command[0] for command in commands] == ["curl"] * 3 + [".venv/bin/python"] * 2
    assert all("http://localhost:7099/api" in command[1] for command in commands[:3])
    assert json.loads(commands[2][-1]) == json.loads(EXAMPLE)
