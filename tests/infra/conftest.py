"""The compiler, for tests that need it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.infra.compiler import Compiler
from tools.bicep_cli import VERSION, find


@pytest.fixture(scope="session")
def bicep() -> str:
    """Return the path of the Bicep CLI; where there is none the test does not run, and in a pipeline it fails."""
    said: list[str] = []
    found = find(said.append)
    if found is None:
        message = f"no Bicep CLI {VERSION}; {' '.join(said)} (https://aka.ms/bicep-install)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return found


@pytest.fixture(scope="session")
def compiler(bicep: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compiler]:
    """Return a compiler that runs for all tests of the folder."""
    with Compiler(bicep, tmp_path_factory.mktemp("parameters")) as running:
        yield running
