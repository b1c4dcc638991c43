from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from collector.drives import smartctl_run
from collector.drives.smartctl_run import STATUS_BITS, SmartctlOutput, find_smartctl, run_smartctl
from collector.drives.unreadable import UnreadableError
from collector.errors import ConfigurationError
from tests.support.waiting import wait_until


def script(folder: Path, text: str) -> str:
    """Write a shell script and return its path."""
    path = folder / "smartctl"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return str(path)


def is_running(process: int) -> bool:
    """Say whether a process runs still; one that ended waits for its parent to notice."""
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("status", range(256))
def test_the_bits_with_which_nothing_was_read(status: int) -> None:
    """smartctl(8): bit 0 and 1 say that no drive was read, the others speak about the drive."""
    assert SmartctlOutput({}, status, []).failed is bool(status & 0b11)


def test_every_bit_is_known() -> None:
    assert sorted(STATUS_BITS) == list(range(8))


def test_json_status_and_messages(tmp_path: Path) -> None:
    said = '{"smartctl": {"messages": [{"string": "a\\nb", "severity": "error"}, 3]}}'
    program = script(tmp_path, f"printf %s '{said}'\nexit 216")
    output = run_smartctl(program, [], 10)
    assert (output.status, output.said, output.failed) == (216, ["a", "b"], False)


def test_text_before_the_json(tmp_path: Path) -> None:
    """smartctl before 7.3 printed a line there for SAS drives."""
    program = script(tmp_path, "echo '  Pending defect count:{\"a\": 1}'")
    assert run_smartctl(program, [], 10).document == {"a": 1}


@pytest.mark.parametrize(
    "text", ["echo smartctl 6.6", "echo '{\"a\":'", "echo '[1]'", "exit 1", "head -c 100 /dev/zero"]
)
def test_what_is_no_json(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        run_smartctl(script(tmp_path, text), [], 10)
    assert caught.value.cause.code == "bad_output"


def test_messages_are_in_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    program = script(tmp_path, 'echo "{\\"locale\\": \\"$LC_ALL\\"}"')
    assert run_smartctl(program, [], 10).document == {"locale": "C"}


def test_a_run_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    program = script(tmp_path, f"sleep 60 & echo $! > '{tmp_path}/child'\nwait")
    began = time.monotonic()
    with pytest.raises(UnreadableError) as caught:
        run_smartctl(program, [], 0.5)
    assert caught.value.cause.code == "timed_out"
    assert time.monotonic() - began < smartctl_run.KILL_SECONDS
    child = int((tmp_path / "child").read_text())
    wait_until(lambda: not is_running(child))


def test_a_run_that_cannot_be_killed_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that waits for a dead bus ignores kill -9; here kill does nothing."""
    monkeypatch.setattr(smartctl_run, "KILL_SECONDS", 0.2)
    killed: list[int] = []
    monkeypatch.setattr(os, "killpg", lambda group, _signal: killed.append(group))
    began = time.monotonic()
    with pytest.raises(UnreadableError):
        run_smartctl(script(tmp_path, "exec sleep 30"), [], 0.2)
    assert time.monotonic() - began < 10
    monkeypatch.undo()
    os.killpg(killed[0], 9)
    os.waitpid(killed[0], 0)


def test_where_smartctl_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = script(tmp_path, "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_smartctl("smartctl") == program
    with pytest.raises(ConfigurationError, match="smartmontools"):
        find_smartctl("smartctl-that-is-not-there")


def test_a_program_that_does_not_start(tmp_path: Path) -> None:
    program = tmp_path / "smartctl"
    program.write_bytes(b"\x7fELF nothing")
    program.chmod(0o755)
    with pytest.raises(ConfigurationError, match="--smartctl"):
        run_smartctl(str(program), [], 10)
