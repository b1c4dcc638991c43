"""What infra-check runs, and what it says where a tool is missing.

`bicep` and `checkov` are stand-ins here, scripts that write what the real ones would: the Bicep CLI is in no
package registry. They show that a finding is noticed, not that there is none.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tools import infra_check

INFRA = Path(__file__).parents[2] / "infra"
SHELL = shutil.which("sh") or "/bin/sh"

BUILDS = """
case "$1" in
build) echo '{"resources": {}}' > "$4" ;;
format) cat "$2" ;;
esac
"""
REPORT = {"summary": {"passed": 3, "failed": 0}, "results": {"failed_checks": []}}


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that is all of PATH besides the system's own programs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("cat", "sh"):
        (folder / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!{SHELL}\n{script}\n")
    path.chmod(0o755)


def report(folder: Path, document: object) -> None:
    """Put a checkov on PATH that writes a report."""
    (folder / "report.json").write_text(json.dumps(document))
    program(folder, "checkov", f'cat "{folder}/report.json"')


def test_missing_tools_are_said_to_be_missing(
    tools: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert infra_check.main(["--infra", str(INFRA), "--bicep-check", str(tmp_path / "nowhere")]) == 0
    said = capsys.readouterr().out
    assert "types: NOT CHECKED" in said
    assert "bicep: NOT RUN" in said


@pytest.mark.parametrize(("code", "good"), [(0, True), (1, False)])
def test_findings_of_the_types_count(code: int, good: bool, tmp_path: Path) -> None:
    (tmp_path / "check.py").write_text(f"import sys; print(sys.argv[1]); sys.exit({code})")
    assert infra_check.check_types(INFRA, tmp_path) is good


def test_the_bicep_cli_and_checkov_run_and_are_content(
    tools: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(tools, "bicep", BUILDS)
    report(tools, REPORT)
    assert infra_check.check_with_bicep(INFRA)
    said = capsys.readouterr().out
    for line in (
        "lint main.bicep: ok",
        "lint eventgrid.bicep: ok",
        "build main.bicep: ok",
        "build-params main.bicepparam: ok",
    ):
        assert line in said
    assert "checkov: 3 passed, 0 failed" in said


@pytest.mark.parametrize("step", ["lint", "build", "build-params"])
def test_a_warning_is_an_error(step: str, tools: Path, capsys: pytest.CaptureFixture[str]) -> None:
    warning = "main.bicep(1,1) : Warning no-unused-params: never used"
    program(tools, "bicep", BUILDS + f'[ "$1" = {step} ] && echo "{warning}" >&2\nexit 0')
    report(tools, REPORT)
    assert not infra_check.check_with_bicep(INFRA)
    assert "no-unused-params" in capsys.readouterr().out


def test_another_formatting_is_an_error(tools: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program(tools, "bicep", BUILDS.replace('cat "$2"', "echo 'param x string'"))
    report(tools, REPORT)
    assert not infra_check.check_with_bicep(INFRA)
    assert "not formatted" in capsys.readouterr().out


@pytest.mark.parametrize(
    "document",
    [
        {"passed": 0, "failed": 0},
        {
            "summary": {"passed": 3, "failed": 1},
            "results": {
                "failed_checks": [
                    {"check_id": "CKV_AZURE_3", "check_name": "HTTPS only", "resource": "account"}
                ]
            },
        },
    ],
    ids=["no check ran", "one failed"],
)
def test_a_scan_without_checks_or_with_findings_is_an_error(document: object, tools: Path) -> None:
    program(tools, "bicep", BUILDS)
    report(tools, document)
    assert not infra_check.check_with_bicep(INFRA)


def test_the_real_checker_finds_nothing_where_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    checker = Path(__file__).parents[3] / "shared" / "tools" / "bicep-check"
    if not (checker / "check.py").is_file():
        pytest.skip("bicep-check is not there; `make infra-check` says so too")
    assert infra_check.check_types(INFRA, checker)
    assert " 0 findings" in capsys.readouterr().out
