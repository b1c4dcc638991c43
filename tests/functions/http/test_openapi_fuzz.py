"""schemathesis runs the OpenAPI document against the running app: every check, no failure."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from devhost.http.keys import FUNCTION_SETTING as SETTING
from tests.conftest import RunApp
from tests.functions.conftest import HOST_ID, MAX_BODY_BYTES
from tests.support.running_app import PROJECT, RunningApp

HERE = Path(__file__).parent
KEY = "a-function-key"
EXAMPLES = 40
"""Generated requests per endpoint and phase."""


@pytest.fixture(scope="module")
def keyed(run_app: RunApp, small_models: Path) -> Iterator[RunningApp]:
    """The app behind a function key, as in Azure."""
    settings = {
        "MODELS_FOLDER": str(small_models),
        "MAX_BODY_BYTES": str(MAX_BODY_BYTES),
        "AzureFunctionsWebHost__hostid": f"{HOST_ID}-keyed",
        SETTING: KEY,
    }
    with run_app(PROJECT, settings=settings) as running:
        yield running


@pytest.mark.slow
def test_schemathesis_finds_nothing(keyed: RunningApp, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "schemathesis.cli",
            "--config-file",
            str(HERE / "schemathesis.toml"),
            "run",
            f"{keyed.base_url}/api/openapi.json",
            f"--header=x-functions-key: {KEY}",
            "--checks=all",
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
            "SCHEMATHESIS_HOOKS": "tests.functions.http.schemathesis_hooks",
        },
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]
    assert "No issues found" in done.stdout, done.stdout[-5_000:]


@pytest.mark.slow
def test_the_document_itself_is_behind_the_key(keyed: RunningApp) -> None:
    """schemathesis leaves out the endpoint it has the document from, and that alone."""
    url = f"{keyed.base_url}/api/openapi.json"
    assert [httpx.get(url, headers=headers).status_code for headers in ({}, {"x-functions-key": KEY})] == [
        401,
        200,
    ]
