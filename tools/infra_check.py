"""``python -m tools.infra_check``: what Microsoft's compiler says of infra/, and what checkov says of the outcome.

Lint, build, build-params, format; then the snapshots of tests/infra/snapshots: for each parameter set every resource
that Azure would be asked for. ``--write`` (``make infra-snapshots``) writes them anew, to be read in the diff.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools import bicep_cli
from tools.checkov_scan import excuses, scan

ROOT = Path(__file__).resolve().parents[1]
SNAPSHOTS = Path("tests") / "infra" / "snapshots"

CONTEXT = (
    *("--subscription-id", "11111111-2222-3333-4444-555555555555"),
    *("--tenant-id", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"),
    *("--location", "westeurope"),
    *("--deployment-name", "drivecast"),
)
"""Where a snapshot would be deployed to: fixed, since names are made of it."""

GROUP = ("--resource-group", "rg-drivecast-test")

_COMPLAINT = re.compile(r" : (Warning|Error|Info) |^(WARNING|ERROR):", re.MULTILINE)
"""How the compiler writes a finding; a warning alone leaves its exit code at 0."""

_COLOUR = re.compile(r"\x1b\[[\d;]*m")

Check = Callable[[], str]
"""Returns what is wrong; nothing where all is well."""


def say(text: str) -> None:
    """Write a line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def compiler_checks(bicep: str, root: Path) -> Iterator[tuple[str, Check]]:
    """Yield every check that the compiler makes of a project, with its name."""

    def check(*arguments: str | Path) -> Check:
        return lambda: _complaints(bicep, arguments, root)

    # A lint of main.bicep alone would pass over what it does not use.
    yield "lint", check("lint", "--pattern", "infra/**/*.bicep")
    yield "build", lambda: _into_nowhere(bicep, ["build", "--pattern", "infra/*.bicep"], root)
    yield "build-params", lambda: _into_nowhere(bicep, ["build-params", "--pattern", "infra/*.bicepparam"], root)
    yield "format", lambda: _unformatted(bicep, root)
    for file in sorted((root / SNAPSHOTS).glob("*.bicepparam")):
        yield f"snapshot {file.stem}", check("snapshot", file, "--mode", "validate", *context(file))


def context(parameters: Path) -> Sequence[str]:
    """Return the options that say where a parameter file's template would be deployed to."""
    using = re.search(r"^using '(.+)'", parameters.read_text(encoding="utf-8"), re.MULTILINE)
    if not using:
        raise SystemExit(f"{parameters} has no line `using '….bicep'`")
    template = (parameters.parent / using[1]).read_text(encoding="utf-8")
    return CONTEXT if "targetScope = 'subscription'" in template else (*CONTEXT, *GROUP)


def write_snapshots(bicep: str, root: Path) -> str:
    """Write every snapshot anew; what comes in any order is put in one."""
    faults = []
    for file in sorted((root / SNAPSHOTS).glob("*.bicepparam")):
        faults.append(_complaints(bicep, ["snapshot", file, "--mode", "overwrite", *context(file)], root))
        snapshot = file.with_suffix(".snapshot.json")
        if not faults[-1]:
            document = json.loads(snapshot.read_text(encoding="utf-8"))
            document["outputs"] = dict(sorted(document["outputs"].items()))
            text = json.dumps(document, indent=2, ensure_ascii=False)
            snapshot.write_text(f"{text}\n", encoding="utf-8")
    return "\n".join(filter(None, faults))


def _complaints(bicep: str, arguments: Sequence[str | Path], root: Path) -> str:
    """Run the compiler, and return what it says when it is not content."""
    done = bicep_cli.run(bicep, arguments, root)
    written = _COLOUR.sub("", done.stderr + done.stdout).strip()
    if done.returncode == 0 and not _COMPLAINT.search(written):
        return ""
    return written or f"exit code {done.returncode}"


def _into_nowhere(bicep: str, arguments: Sequence[str | Path], root: Path) -> str:
    with tempfile.TemporaryDirectory() as folder:
        return _complaints(bicep, [*arguments, "--outdir", folder], root)


def _unformatted(bicep: str, root: Path) -> str:
    """Format a copy, and return the names of the files that are another then."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        for part in (Path("infra"), SNAPSHOTS):
            if (root / part).is_dir():
                shutil.copytree(root / part, copy / part)
        shutil.copy(root / "infra" / "bicepconfig.json", copy)
        done = _complaints(bicep, ["format", "--pattern", "**/*.bicep*"], copy)
        files = [file.relative_to(copy) for file in sorted(copy.rglob("*.bicep*"))]
        changed = [file for file in files if (root / file).is_file() and not _same(root / file, copy / file)]
    return "\n".join(filter(None, [done, *(f"{file}: run `bicep format {file}`" for file in changed)]))


def _same(one: Path, other: Path) -> bool:
    return one.read_bytes() == other.read_bytes()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run every check; 0 when none has a finding."""
    parser = argparse.ArgumentParser(prog="python -m tools.infra_check", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--root", type=Path, default=ROOT, help="the project's folder")
    parser.add_argument("--write", action="store_true", help="write the snapshots anew, and check nothing")
    given = parser.parse_args(arguments)
    bicep = bicep_cli.find(say)
    if bicep is None:
        say("bicep: NOT RUN, there is no Bicep CLI: nothing was linted, built, formatted, compared or scanned")
        return 1 if os.environ.get("CI") == "true" or given.write else 0
    if given.write:
        wrong = write_snapshots(bicep, given.root)
        say(wrong or f"written: {given.root / SNAPSHOTS}; read what changed: git diff {SNAPSHOTS}")
        return 1 if wrong else 0
    # The scan is of what the snapshots say, so it need not wait for the compiler.
    checks = [("checkov", lambda: _scanned(given.root)), *compiler_checks(bicep, given.root)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda check: (check[0], check[1]()), checks))
    for name, wrong in results:
        say(f"{name}: {wrong or 'ok'}")
    return 1 if any(wrong for _, wrong in results) else 0


def _scanned(root: Path) -> str:
    found = scan(sorted((root / SNAPSHOTS).glob("*.snapshot.json")), excuses(root / "infra" / "checkov.yaml"))
    return "\n".join(found)


if __name__ == "__main__":
    sys.exit(main())
