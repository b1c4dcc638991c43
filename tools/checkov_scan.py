"""checkov over the resources of snapshots, which is what the templates come to, with every value worked out.

The templates themselves it does not understand: the compiler writes resources by symbolic name and modules nested,
and checkov finds nothing there, without a word.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

VERSION = "3.3.30"
"""uv fetches it into an environment of its own."""

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
OPTIONS = ("--framework", "arm", "--compact", "--quiet", "--skip-download", "--output", "json")

_EXCUSE = re.compile(r"^ *- (CKV\w+) +# (\S.*)$", re.MULTILINE)
"""A check, and the reason why it does not count here."""


def excuses(file: Path) -> dict[str, str]:
    """Return the checks that do not count, each with its reason."""
    return dict(_EXCUSE.findall(file.read_text(encoding="utf-8")))


def scan(snapshots: Sequence[Path], excused: dict[str, str]) -> list[str]:
    """Scan snapshots, and return what is neither right nor excused, and excuses that nothing needs."""
    uv = shutil.which("uv") or str(Path(sys.prefix) / "bin" / "uv")
    with tempfile.TemporaryDirectory() as name:
        files = [_template(snapshot, Path(name)) for snapshot in snapshots]
        command = [uv, "tool", "run", "--quiet", "--from", f"checkov=={VERSION}", "checkov"]
        done = subprocess.run(  # noqa: S603
            [*command, *OPTIONS, "--file", *map(str, files)], capture_output=True, text=True, check=False
        )
    return findings(done.stdout, done.stderr, excused)


def findings(report: str, said: str, excused: dict[str, str]) -> list[str]:
    """Return what a report of checkov comes to."""
    try:
        document: dict[str, Any] = json.loads(report)
        passed, failed = int(document["summary"]["passed"]), document["results"]["failed_checks"]
    except (ValueError, KeyError, TypeError):
        # With nothing to look at, checkov writes a report of another form, and exits with 0.
        return [f"no check ran. {said.strip()[-2000:]}".rstrip()]
    if passed == 0:
        return ["no check passed: it saw none of the resources"]
    faults = sorted(
        {
            f"{check['check_id']} {check['check_name']}: {check['resource']}"
            for check in failed
            if check["check_id"] not in excused
        }
    )
    unneeded = sorted(set(excused) - {check["check_id"] for check in failed})
    return faults + [f"{check} is excused, and nothing fails it: take its line out" for check in unneeded]


def _template(snapshot: Path, folder: Path) -> Path:
    """Write a snapshot's resources as a template."""
    resources = json.loads(snapshot.read_text(encoding="utf-8"))["predictedResources"]
    file = folder / snapshot.name
    template = {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": resources}
    file.write_text(json.dumps(template), encoding="utf-8")
    return file
