"""The Azure CLI: one call, its JSON, and its failures in words.

Its answers are never printed as they are, but for those asked in order to be shown (`AzureCli.show`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from ops.app import azure_refusals
from ops.errors import OpsError

TIME_LIMIT = 90.0
"""Seconds for one call; the slowest ones (metrics, role assignments) take some ten."""

PROGRAM = "az"
TOO_OLD = "AADSTS700024"
"""Entra ID's code for a sign-in that gives no more tokens of other services."""


class RefusedError(OpsError):
    """The CLI is there and signed in, and refused; ``stderr`` is its whole output, on one line."""

    def __init__(self, message: str, stderr: str) -> None:
        super().__init__(message)
        self.stderr = stderr


@dataclass(frozen=True)
class AzureCli:
    """The CLI of the person who is signed in; answers are kept, so a question costs one call.

    *environment* are variables besides this process's own, for what reads them: a parameter file, for one.
    """

    program: str = PROGRAM
    environment: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    _answers: dict[tuple[str, ...], Any] = field(default_factory=dict, repr=False, compare=False)

    def ask(self, *arguments: str) -> Any:
        """Return the JSON answer of ``az`` to words and options without ``--output``; None when it is silent.

        Raises
        ------
        OpsError
            The CLI is not installed, not signed in, or does not answer in `TIME_LIMIT`; RefusedError when it
            refuses.
        """
        if arguments not in self._answers:
            self._answers[arguments] = self._call(arguments, TIME_LIMIT)
        return self._answers[arguments]

    def ask_anew(self, *arguments: str) -> Any:
        """Return the answer of today to what `ask` may have kept an answer to."""
        self._answers.pop(arguments, None)
        return self.ask(*arguments)

    def do(self, *arguments: str, time_limit: float) -> Any:
        """Have ``az`` change something, within *time_limit* seconds; the answer is not kept. See `ask`."""
        self._answers.clear()
        return self._call(arguments, time_limit)

    def show(self, *arguments: str) -> None:
        """Run a command whose own output, on standard output and error, is for the person.

        OpsError when the CLI is not installed or refuses; its own words stand above.
        """
        command = [self._program(), *arguments, "--only-show-errors"]
        done = subprocess.run(  # noqa: S603 (the program the user has on PATH)
            command, stdin=subprocess.DEVNULL, env=self._variables(), check=False
        )
        if done.returncode != 0:
            raise OpsError(f"`az {' '.join(_words(arguments))}` failed; its message is above")

    def _program(self) -> str:
        program = shutil.which(self.program)
        if program is None:
            raise OpsError(
                "the Azure CLI (az) is not on PATH; install it (https://aka.ms/azure-cli) and run `az login`"
            )
        return program

    def _variables(self) -> dict[str, str]:
        return {**os.environ, **self.environment}

    def _call(self, arguments: tuple[str, ...], time_limit: float) -> Any:
        asked = f"az {' '.join(_words(arguments))}"
        command = [self._program(), *arguments, "--output", "json", "--only-show-errors"]
        try:
            done = subprocess.run(  # noqa: S603 (the program the user has on PATH)
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env=self._variables(),
                timeout=time_limit,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise OpsError(f"`{asked}` did not answer within {time_limit:.0f} s; try again") from None
        if done.returncode != 0:
            stderr = _error_text(done.stderr)
            if "az login" in stderr and TOO_OLD not in stderr:
                raise OpsError(f"`{asked}` failed: nobody is signed in; run `az login`")
            raise RefusedError(azure_refusals.explain(asked, stderr), stderr)
        try:
            return msgspec.json.decode(done.stdout) if done.stdout.strip() else None
        except msgspec.DecodeError:
            raise OpsError(f"`{asked}` answered something that is not JSON; update the Azure CLI") from None


def _words(arguments: tuple[str, ...]) -> list[str]:
    """Return the command's own words, up to its first option: enough to recognise it by."""
    words = []
    for argument in arguments:
        if argument.startswith("-"):
            break
        words.append(argument)
    return words


def _error_text(output: bytes) -> str:
    lines = [line.strip() for line in output.decode(errors="replace").splitlines() if line.strip()]
    # Python's own warnings may stand before what the CLI says, when it runs for the first time.
    start = next((number for number, line in enumerate(lines) if line.startswith("ERROR: ")), 0)
    return " ".join(lines[start:]).removeprefix("ERROR: ") or "it gave no reason"
