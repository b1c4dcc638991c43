from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "find_python.sh"
SHELL = shutil.which("sh") or "/bin/sh"
# What the script needs besides the Python it looks for: nothing but the shell's own commands.
REAL = Path(sys._base_executable)  # type: ignore[attr-defined]

pytestmark = pytest.mark.skipif(
    sys.version_info[:2] != (3, 13), reason="the found Python is the one that runs this"
)


def program(path: Path, script: str) -> Path:
    """Write an executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{SHELL}\n{script}\n")
    path.chmod(0o755)
    return path


def find(home: Path, *folders: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script with only the given folders on PATH."""
    path = os.pathsep.join(map(str, folders)) or str(home / "nothing")
    return subprocess.run(
        [SHELL, str(SCRIPT)],
        env={"HOME": str(home), "PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def same(found: str) -> bool:
    """Return whether a printed path leads to the Python that runs this test."""
    return Path(found.strip()).resolve() == REAL.resolve()


def test_finds_it_on_path(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3.13").symlink_to(REAL)
    assert same(find(tmp_path, tmp_path / "bin").stdout)


def test_a_virtual_environment_leads_to_the_python_behind_it(tmp_path: Path) -> None:
    folder = Path(sys.executable).parent
    done = find(tmp_path, folder)
    assert same(done.stdout)
    assert not done.stdout.startswith(str(folder))


def test_passes_over_a_shim_that_does_not_run(tmp_path: Path) -> None:
    program(tmp_path / "shims" / "python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").symlink_to(REAL)
    assert same(find(tmp_path, tmp_path / "shims", tmp_path / "bin").stdout)


def test_asks_uv(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "uv", f'[ "$1 $2" = "python find" ] && echo "{REAL}"')
    assert same(find(tmp_path, tmp_path / "bin").stdout)


@pytest.mark.parametrize("by_variable", [False, True])
def test_looks_under_pyenv(tmp_path: Path, *, by_variable: bool) -> None:
    root = tmp_path / ("elsewhere" if by_variable else ".pyenv")
    program(root / "versions" / "3.13.0" / "bin" / "python3.13", "exit 1")
    program(root / "versions" / "3.13.9" / "bin" / "python3.13", f'exec "{REAL}" "$@"')
    done = find(tmp_path, **({"PYENV_ROOT": str(root)} if by_variable else {}))
    assert same(done.stdout)


def test_says_in_one_line_what_to_do_without_one(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "python3", "exit 1")
    program(tmp_path / "bin" / "uv", "exit 2")
    done = find(tmp_path, tmp_path / "bin")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "Python 3.13 " in done.stderr
    assert "uv python install 3.13" in done.stderr


def test_a_wrong_choice_of_the_user_is_not_replaced_silently(tmp_path: Path) -> None:
    done = find(tmp_path, Path(sys.executable).parent, PYTHON="/no/such/python")
    assert done.returncode == 1
    assert (
        done.stderr
        == "PYTHON=/no/such/python is not a working Python 3.13: unset it, or give the path of one.\n"
    )
