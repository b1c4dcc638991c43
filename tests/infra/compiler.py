"""Microsoft's compiler as it serves editors (`bicep jsonrpc`): started once, it answers in a second instead of four."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
from pathlib import Path
from typing import Any, Self

from tests.infra.snapshot import INFRA, Snapshot
from tools.bicep_cli import ENVIRONMENT
from tools.infra_check import CONTEXT

_GIVEN = dict(itertools.batched(CONTEXT, 2, strict=True))


class RefusedError(Exception):
    """The compiler, or the template itself, takes no such parameters; says why."""


class Compiler:
    """One running compiler.

    Parameters
    ----------
    bicep : str
        Path of the CLI.
    folder : Path
        Where parameter files are written; below it main.bicep has to be reached.
    **variables : str
        Environment variables, for what main.bicepparam reads.
    """

    def __init__(self, bicep: str, folder: Path, **variables: str) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self._process = subprocess.Popen(
            [bicep, "jsonrpc", "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **ENVIRONMENT, **variables},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=30)

    def main(self, parameters: str) -> Snapshot:
        """Return what main.bicep comes to with the lines of a parameter file.

        Raises
        ------
        RefusedError
            It takes no such parameters.
        """
        file = self._folder / f"set{next(self._numbers)}.bicepparam"
        template = os.path.relpath(INFRA / "main.bicep", self._folder)
        file.write_text(f"using '{template}'\n{parameters}\n", encoding="utf-8")
        return self.snapshot(file)

    def snapshot(self, parameters: Path, **context: str) -> Snapshot:
        """Return what a parameter file's template comes to."""
        metadata = {
            "tenantId": _GIVEN["--tenant-id"],
            "subscriptionId": _GIVEN["--subscription-id"],
            "resourceGroup": None,
            "location": _GIVEN["--location"],
            "deploymentName": _GIVEN["--deployment-name"],
            **context,
        }
        compiled = self._ask("compileParams", {"path": str(parameters), "parameterOverrides": {}})
        if not compiled["success"]:
            raise RefusedError("; ".join(found["message"] for found in compiled["diagnostics"]))
        asked = {"path": str(parameters), "metadata": metadata, "externalInputs": None}
        return Snapshot(json.loads(self._ask("getSnapshot", asked)["snapshot"]))

    def _ask(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        request = {"jsonrpc": "2.0", "id": number, "method": f"bicep/{method}", "params": [parameters]}
        body = json.dumps(request).encode()
        assert self._process.stdin
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._process.stdin.flush()
        answer = self._answer()
        while answer.get("id") != number:
            answer = self._answer()
        if "error" in answer:
            raise RefusedError(answer["error"]["message"])
        result: dict[str, Any] = answer["result"]
        return result

    def _answer(self) -> dict[str, Any]:
        stream = self._process.stdout
        assert stream
        length = 0
        while line := stream.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the compiler has ended"
        answer: dict[str, Any] = json.loads(stream.read(length))
        return answer
