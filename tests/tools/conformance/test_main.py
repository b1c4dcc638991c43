"""make conformance, with devhost in the place of Core Tools, which are not installed where this runs."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.support.running_app import PROJECT
from tools.conformance.__main__ import main
from tools.conformance.hosts import HostError, _running, free_port


def stand_in(folder: Path, *settings: str) -> str:
    """Write a ``func`` whose ``start`` runs devhost, with settings that alter it."""
    func = folder / "func"
    exports = "".join(f"export {setting}\n" for setting in settings)
    func.write_text(
        f"#!/bin/sh\n{exports}"
        'test "$1 $2" = "start --port" || exit 9\n'
        f'exec "{sys.executable}" -m devhost --app . --port "$3" --no-azurite\n'
    )
    func.chmod(0o755)
    return str(func)


def test_without_core_tools_one_line_says_that_nothing_was_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--func", "no-such-command"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("conformance: NOT RUN: ")


@pytest.mark.slow
def test_a_host_that_is_the_same_differs_in_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--func", stand_in(tmp_path), "--recording", "probe"]) == 0
    first, *others = capsys.readouterr().out.splitlines()
    assert re.match(r"probe: .*\b215 requests\b.*\b23\b", first)
    assert others == ["  0 differ from the recording", "  0 differ from devhost"]


@pytest.mark.slow
def test_a_host_that_is_altered_is_told_from_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    func = stand_in(tmp_path, "AzureWebJobsDisableHomepage=true", "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT=2000000")
    assert main(["--func", func, "--recording", "probe"]) == 1
    reported = capsys.readouterr().out
    for whose in ("the recording", "devhost"):
        part = reported.partition(f"  2 differ from {whose}\n")[2]
        assert "    path: root: status 204, expected 200" in part
        assert "    POST body: 20 MB: status 413, expected 200" in part


def test_a_host_that_does_not_start_is_told_with_what_it_said(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('no such app'); raise SystemExit(3)"]
    with (
        pytest.raises(HostError, match=r"(?s)\b3\b.*\nno such app"),
        _running(command, tmp_path, {}, free_port()),
    ):
        pass


def test_the_make_target_runs_it() -> None:
    makefile = (PROJECT / "Makefile").read_text()
    assert "\nconformance: install ##" in makefile
    assert "\n\t@$(PY) -m tools.conformance\n" in makefile
    assert " conformance " in next(line for line in makefile.splitlines() if line.startswith(".PHONY"))
