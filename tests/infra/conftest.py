"""Microsoft's compiler, for tests that need it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.infra.snapshot import INFRA, Snapshot, load
from tools import bicep_cli, infra_check

type BicepCli = str
"""Path of Microsoft's compiler."""

Compile = Callable[..., Snapshot]
"""Lines of a parameter file of main.bicep, and environment variables -> what it comes to."""


@pytest.fixture(scope="session")
def bicep() -> BicepCli:
    """Return the path of the Bicep CLI. Without one the test does not run; in a pipeline it fails."""
    output: list[str] = []
    if found := bicep_cli.find(output.append):
        return found
    message = f"no Bicep CLI {bicep_cli.VERSION} {' '.join(output)}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@cache
def built(bicep: str, template: str) -> dict[str, Any]:
    """Return what the compiler makes of a template of infra/."""
    command = [bicep, "build", str(INFRA / f"{template}.bicep"), "--stdout"]
    environment = {**os.environ, **bicep_cli.ENVIRONMENT}
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def main_bicep(bicep: str, tmp_path: Path) -> Compile:
    """Return what compiles main.bicep; what is refused raises ValueError with the reason."""

    def compile_main(parameters: str, region: str = infra_check.REGION, **variables: str) -> Snapshot:
        file = tmp_path / "set.bicepparam"
        using = os.path.relpath(INFRA / "main.bicep", tmp_path)
        file.write_text(f"using '{using}'\n{parameters}\n", encoding="utf-8")
        arguments = infra_check.snapshot(file, "overwrite", region)
        if refused := bicep_cli.complaints(bicep, arguments, tmp_path, **variables):
            raise ValueError(refused)
        return load(file.with_suffix(".snapshot.json"))

    return compile_main
