"""``python -m tools.infra_check``: everything that can be checked of infra/ here, and a word on what cannot.

Three checks, each where its tool is:

- ``bicep-check``, a folder with check.py: every resource against Azure's published types;
- the Bicep CLI on PATH: lint, build, build-params and format, warnings as errors;
- with it, checkov over the compiled templates.

The tests over the syntax trees (tests/infra) need none of them.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.flat_template import flat_template

CHECKOV = "3.3.30"
"""The scanner's version, when uv fetches it; one on PATH comes first."""

TEMPLATES = ("main.bicep", "eventgrid.bicep")
"""What is deployed; modules are compiled with it."""

PARAMETERS = "main.bicepparam"

_COMPLAINT = re.compile(r" : (Warning|Error) |^(WARNING|ERROR):", re.MULTILINE)
"""How the Bicep CLI writes a finding; a warning alone leaves its exit code at 0."""


def say(text: str) -> None:
    """Write a line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def run(command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
    """Run a command and collect what it writes."""
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)  # noqa: S603


def check_types(infra: Path, checker: Path) -> bool:
    """Check every resource against Azure's published types; True when there is no finding, or no checker."""
    script = checker / "check.py"
    if not script.is_file():
        say(f"types: NOT CHECKED, {script} is not there (BICEP_CHECK=folder names another)")
        return True
    done = run([sys.executable, script, infra])
    say(f"types: {done.stdout.strip() or done.stderr.strip()}")
    return done.returncode == 0


def check_with_bicep(infra: Path) -> bool:
    """Lint, build and compare the formatting; True when there is no finding, or no Bicep CLI."""
    bicep = shutil.which("bicep")
    if bicep is None:
        say("bicep: NOT RUN, the Bicep CLI is not on PATH: nothing was linted, built, formatted or scanned")
        return True
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder)
        compiled = [built / f"{Path(name).stem}.json" for name in TEMPLATES]
        commands: list[list[str | Path]] = [["lint", infra / name] for name in TEMPLATES]
        for name, target in zip(TEMPLATES, compiled, strict=True):
            commands.append(["build", infra / name, "--outfile", target])
        commands.append(["build-params", infra / PARAMETERS, "--outfile", built / "params.json"])
        results = [_complaints(command, bicep) for command in commands]
        results += [_is_formatted(path, bicep) for path in sorted(infra.rglob("*.bicep*"))]
        return all(results) and scan(compiled, infra)


def _complaints(arguments: Sequence[str | Path], bicep: str) -> bool:
    """Run the Bicep CLI; True when it is content."""
    done = run([bicep, *arguments])
    written = (done.stdout + done.stderr).strip()
    good = done.returncode == 0 and not _COMPLAINT.search(written)
    say(f"bicep {arguments[0]} {Path(arguments[1]).name}: {'ok' if good else written}")
    return good


def _is_formatted(path: Path, bicep: str) -> bool:
    done = run([bicep, "format", path, "--stdout"])
    good = done.returncode == 0 and done.stdout.rstrip("\n") == path.read_text(encoding="utf-8").rstrip("\n")
    if not good:
        say(f"bicep format {path}: not formatted; run `bicep format {path}` {done.stderr.strip()}".rstrip())
    return good


def scan(templates: Sequence[Path], infra: Path) -> bool:
    """Scan compiled templates with checkov; True when every check that ran passed, and some did."""
    flat = templates[0].with_suffix(".flat.json")
    read = [json.loads(template.read_text(encoding="utf-8")) for template in templates]
    flat.write_text(json.dumps(flat_template(read)), encoding="utf-8")
    checkov = shutil.which("checkov")
    uv = shutil.which("uv") or str(Path(sys.prefix) / "bin" / "uv")
    command = [checkov] if checkov else [uv, "tool", "run", "--from", f"checkov=={CHECKOV}", "checkov"]
    done = run([*command, "--file", flat, "--config-file", infra / "checkov.yaml", "--output", "json"])
    try:
        report = json.loads(done.stdout)
        summary = report["summary"]
        passed, failed = int(summary["passed"]), int(summary["failed"])
    except (ValueError, KeyError, TypeError):
        # With nothing to look at, checkov writes a report of another form, and exits with 0.
        say(f"checkov: no check ran. {done.stderr.strip()[-2000:]}".rstrip())
        return False
    for found in report.get("results", {}).get("failed_checks", []):
        say(f"checkov: {found['check_id']} {found['check_name']}: {found['resource']}")
    say(f"checkov: {passed} passed, {failed} failed")
    return failed == 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run every check; 0 when none has a finding."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.infra_check", description=__doc__.split("\n", 1)[0]
    )
    parser.add_argument("--infra", type=Path, default=Path("infra"), help="folder with the Bicep files")
    parser.add_argument("--bicep-check", type=Path, required=True, help="folder of bicep-check")
    given = parser.parse_args(arguments)
    results = [check_types(given.infra, given.bicep_check), check_with_bicep(given.infra)]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
