"""schemathesis runs the OpenAPI document against the running app: every check, no failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.running_app import PROJECT, RunningApp

HERE = Path(__file__).parent
EXAMPLES = 40
"""Generated requests per endpoint and phase."""


@pytest.mark.slow
def test_schemathesis_finds_nothing(app: RunningApp, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "schemathesis.cli",
            "--config-file",
            str(HERE / "schemathesis.toml"),
            "run",
            f"{app.base_url}/api/openapi.json",
            "--checks=all",
            # function keys are Azure's; devhost does not ask for them, as Core Tools do not
            "--exclude-checks=ignored_auth",
            "--seed=20140125",
            "--generation-deterministic",
            f"--max-examples={EXAMPLES}",
            "--workers=1",
            "--no-color",
        ],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(PROJECT),
            "SCHEMATHESIS_HOOKS": "tests.functions.schemathesis_hooks",
        },
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]
    assert "No issues found" in done.stdout, done.stdout[-5_000:]
