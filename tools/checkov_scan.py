"""checkov over the resources of snapshots, which is what the templates come to, with every value worked out.

Templates as the compiler writes them it does not understand, and finds nothing there without a word.
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

CHECKOV = ("tool", "run", "--quiet", "--from", "checkov==3.3.30", "checkov")
"""uv fetches it into an environment of its own."""

OPTIONS = ("--framework", "arm", "--compact", "--quiet", "--skip-download", "--output", "json")
SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


def excuses(file: Path) -> dict[str, str]:
    """Return the checks that do not count, each with its reason."""
    return dict(re.findall(r"^ *- (CKV\w+) +# (\S.*)$", file.read_text(encoding="utf-8"), re.MULTILINE))


def scan(snapshots: Sequence[Path], excused: dict[str, str]) -> list[str]:
    """Return what is neither right nor excused in snapshots, and the excuses that nothing needs."""
    uv = shutil.which("uv") or str(Path(sys.prefix) / "bin" / "uv")
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / snapshot.name for snapshot in snapshots]
        for snapshot, file in zip(snapshots, files, strict=True):
            resources = json.loads(snapshot.read_text(encoding="utf-8"))["predictedResources"]
            template = {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": resources}
            file.write_text(json.dumps(template), encoding="utf-8")
        command = [uv, *CHECKOV, *OPTIONS, "--file", *map(str, files)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return findings(done.stdout, done.stderr, excused)


def findings(report: str, stderr: str, excused: dict[str, str]) -> list[str]:
    """Return what a report of checkov comes to."""
    try:
        document = json.loads(report)
        passed, failed = int(document["summary"]["passed"]), document["results"]["failed_checks"]
    except (ValueError, KeyError, TypeError):
        # With nothing to look at, checkov writes a report of another form, and exits with 0.
        return [f"no check ran. {stderr.strip()[-2000:]}".rstrip()]
    if passed == 0:
        return ["no check passed: it saw none of the resources"]
    found = {
        f"{check['check_id']} {check['check_name']}: {check['resource']}"
        for check in failed
        if check["check_id"] not in excused
    }
    unneeded = sorted(excused.keys() - {check["check_id"] for check in failed})
    return sorted(found) + [f"{check} is excused, and nothing fails it: take it out" for check in unneeded]
