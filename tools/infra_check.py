"""``python -m tools.infra_check``: what Microsoft's compiler says of infra/, and checkov of the outcome.

Lint, build, build-params, format; then the snapshots of tests/infra/snapshots and of main.bicepparam, the one
that is deployed: for each parameter set every resource that Azure would be asked for. ``--write`` (``make
infra-snapshots``) writes them anew.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools import bicep_cli
from tools.checkov_scan import excuses, scan

ROOT = Path(__file__).resolve().parents[1]
SNAPSHOTS = Path("tests") / "infra" / "snapshots"

# Where a snapshot would be deployed to. Names are made of it.
PLACE = ("--subscription-id", "11111111-2222-3333-4444-555555555555", "--deployment-name", "drivecast")
TENANT = ("--tenant-id", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee")
GROUP = ("--resource-group", "rg-drivecast-test")
REGION = "westeurope"
VARIABLES = {
    "AZURE_ENV_NAME": "test",
    "AZURE_LOCATION": "",
    "AZURE_PRINCIPAL_ID": "00000000-0000-4000-8000-00000000000a",
    "AZURE_PRINCIPAL_TYPE": "group",
    "DRIVECAST_ALERT_EMAILS": "a@example.com;b@example.com",
}
"""The variables main.bicepparam reads."""


def say(text: str) -> None:
    """Write a line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def compiler_checks(bicep: str, root: Path) -> dict[str, Callable[[], str]]:
    """Return the checks of a project by name; each says what is wrong, or nothing."""

    def check(*arguments: str | Path) -> Callable[[], str]:
        return lambda: bicep_cli.complaints(bicep, arguments, root, **VARIABLES)

    def into_nowhere(*arguments: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            return bicep_cli.complaints(bicep, [*arguments, "--outdir", folder], root)

    return {
        # A lint of main.bicep alone would pass over what it does not use.
        "lint": check("lint", "--pattern", "infra/**/*.bicep"),
        "build": lambda: into_nowhere("build", "--pattern", "infra/*.bicep"),
        "build-params": lambda: into_nowhere("build-params", "--pattern", "infra/*.bicepparam"),
        "format": lambda: _find_unformatted(bicep, root),
    } | {f"snapshot {file.stem}": check(*snapshot(file, "validate")) for file in parameter_sets(root)}


def parameter_sets(root: Path) -> list[Path]:
    """Return the parameter files that have a snapshot beside them."""
    return [root / "infra" / "main.bicepparam", *sorted((root / SNAPSHOTS).glob("*.bicepparam"))]


def snapshot(parameters: Path, mode: str, region: str = REGION) -> list[str | Path]:
    """Return the compiler's arguments for a parameter file's snapshot."""
    using = re.search(r"^using '(.+)'", parameters.read_text(encoding="utf-8"), re.MULTILINE)
    if not using:
        raise SystemExit(f"{parameters} has no line `using '….bicep'`")
    template = (parameters.parent / using[1]).read_text(encoding="utf-8")
    group = () if "targetScope = 'subscription'" in template else GROUP
    return ["snapshot", parameters, "--mode", mode, "--location", region, *PLACE, *TENANT, *group]


def write_snapshots(bicep: str, root: Path) -> str:
    """Write every snapshot anew, and return what went wrong; outputs come in any order and are put in one."""
    faults = []
    for file in parameter_sets(root):
        faults.append(bicep_cli.complaints(bicep, snapshot(file, "overwrite"), root, **VARIABLES))
        written = file.with_suffix(".snapshot.json")
        if not faults[-1]:
            document = json.loads(written.read_text(encoding="utf-8"))
            document["outputs"] = dict(sorted(document["outputs"].items()))
            written.write_text(f"{json.dumps(document, indent=2, ensure_ascii=False)}\n", encoding="utf-8")
    return "\n".join(filter(None, faults))


def _find_unformatted(bicep: str, root: Path) -> str:
    """Format a copy, and return the names of the files that are another then."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        for part in ("infra", SNAPSHOTS):
            shutil.copytree(root / part, copy / part)
        # It is looked for in the folders above a file.
        shutil.copy(root / "infra" / "bicepconfig.json", copy)
        output = bicep_cli.complaints(bicep, ["format", "--pattern", "**/*.bicep*"], copy)
        files = [
            file.relative_to(copy) for part in ("infra", "tests") for file in (copy / part).rglob("*.bicep*")
        ]
        changed = [file for file in sorted(files) if (root / file).read_bytes() != (copy / file).read_bytes()]
    return "\n".join(filter(None, [output, *(f"{file}: run `bicep format {file}`" for file in changed)]))


def main(arguments: list[str] | None = None) -> int:
    """Run every check; 0 when none has a finding."""
    parser = argparse.ArgumentParser("python -m tools.infra_check", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--write", action="store_true", help="write the snapshots anew, and check nothing")
    given = parser.parse_args(arguments)
    bicep = bicep_cli.find(say)
    if bicep is None:
        say(
            "bicep: NOT RUN, there is no Bicep CLI: nothing was linted, built, formatted, compared or scanned"
        )
        return 1 if os.environ.get("CI") == "true" or given.write else 0
    if given.write:
        wrong = write_snapshots(bicep, ROOT)
        say(wrong or "written; what Azure would be asked for otherwise: git diff '*.snapshot.json'")
        return 1 if wrong else 0
    written = [file.with_suffix(".snapshot.json") for file in parameter_sets(ROOT)]
    checks = compiler_checks(bicep, ROOT)
    # Snapshots that are wrong are so in their own check: the scan need not wait.
    checks["checkov"] = lambda: "\n".join(scan(written, excuses(ROOT / "infra" / "checkov.yaml")))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda check: check(), checks.values()))
    for name, wrong in zip(checks, results, strict=True):
        say(f"{name}: {wrong or 'ok'}")
    return 1 if any(results) else 0


if __name__ == "__main__":
    sys.exit(main())
