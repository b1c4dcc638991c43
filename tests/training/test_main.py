from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from functions.errors import DrivecastError
from training import __main__ as cli


def command(monkeypatch: pytest.MonkeyPatch, raised: BaseException | None, code: int = 0) -> None:
    """Register a command ``try`` that raises or returns a code."""
    module = ModuleType("training_try")

    def add_arguments(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--count", type=int, default=1)

    def run(args: argparse.Namespace) -> int:
        if raised:
            raise raised
        return int(code + args.count - 1)

    module.add_arguments = add_arguments  # type: ignore[attr-defined]
    module.run = run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "training_try", module)
    monkeypatch.setitem(cli.COMMANDS, "try", cli.Command("training_try", "a test's command"))


def test_the_arguments_reach_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    command(monkeypatch, None)
    assert cli.main(["try"]) == 0
    assert cli.main(["try", "--count", "4"]) == 3


@pytest.mark.parametrize("argv", [[], ["nonsense"], ["try", "--count", "many"], ["try", "--unknown"]])
def test_wrong_usage_exits_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], argv: list[str]
) -> None:
    command(monkeypatch, None)
    assert cli.main(argv) == 2
    assert "usage" in capsys.readouterr().err


def test_a_mistyped_command_is_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["simluate"]) == 2
    assert "did you mean 'simulate'?" in capsys.readouterr().err


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown and entry.summary in shown for name, entry in cli.COMMANDS.items())


def test_a_commands_own_help_exits_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["simulate", "--help"]) == 0
    assert "--failure-rate" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("raised", "line"),
    [
        (DrivecastError("the file is empty; give another"), "error: the file is empty; give another\n"),
        (
            FileNotFoundError(2, "No such file or directory", "/data"),
            "error: No such file or directory: /data\n",
        ),
        (OSError(28, "No space left on device"), "error: No space left on device\n"),
    ],
)
def test_an_error_for_people_is_one_line_and_exits_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], raised: Exception, line: str
) -> None:
    command(monkeypatch, raised)
    assert cli.main(["try"]) == 1
    assert capsys.readouterr().err == line


def test_an_error_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    command(monkeypatch, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        cli.main(["try"])


def test_interrupting_exits_130(monkeypatch: pytest.MonkeyPatch) -> None:
    command(monkeypatch, KeyboardInterrupt())
    assert cli.main(["try"]) == 130


def test_nothing_heavy_is_imported_before_the_command_is_known() -> None:
    code = (
        "import sys; from training.__main__ import main; main(['--help']); main(['nonsense']);"
        "print([m for m in ('numpy', 'polars', 'sklearn', 'rich') if m in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
