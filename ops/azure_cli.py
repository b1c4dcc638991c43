"""The Azure CLI: one call, its JSON, and its failures in words. What it answers is never printed as it is."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field
from typing import Any

import msgspec

from ops.errors import OpsError

TIME_LIMIT = 90.0
"""Seconds for one call; the slowest ones (metrics, role assignments) take some ten."""

PROGRAM = "az"


@dataclass(frozen=True)
class AzureCli:
    """The CLI of the person who is signed in; answers are kept, so a question costs one call.

    Parameters
    ----------
    program : str
        Name on PATH, or a path.
    """

    program: str = PROGRAM
    _answers: dict[tuple[str, ...], Any] = field(default_factory=dict, repr=False, compare=False)

    def ask(self, *arguments: str) -> Any:
        """Return the JSON answer of ``az`` to a command.

        Parameters
        ----------
        *arguments : str
            The command's words and options, without ``--output``.

        Returns
        -------
        object
            As decoded; None when the command says nothing.

        Raises
        ------
        OpsError
            The CLI is not installed, not signed in, refuses, or does not answer in `TIME_LIMIT`.
        """
        if arguments not in self._answers:
            self._answers[arguments] = self._call(arguments)
        return self._answers[arguments]

    def _call(self, arguments: tuple[str, ...]) -> Any:
        asked = f"az {' '.join(_words(arguments))}"
        program = shutil.which(self.program)
        if program is None:
            raise OpsError(
                "the Azure CLI (az) is not on PATH; install it (https://aka.ms/azure-cli) and run `az login`"
            )
        command = [program, *arguments, "--output", "json", "--only-show-errors"]
        try:
            done = subprocess.run(  # noqa: S603 (the program the user has on PATH)
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIME_LIMIT, check=False
            )
        except subprocess.TimeoutExpired:
            raise OpsError(f"`{asked}` did not answer within {TIME_LIMIT:.0f} s; try again") from None
        if done.returncode != 0:
            raise OpsError(f"`{asked}` failed: {_reason(done.stderr)}")
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


def _reason(output: bytes) -> str:
    lines = [line.strip() for line in output.decode(errors="replace").splitlines() if line.strip()]
    said = " ".join(lines).removeprefix("ERROR: ") or "it gave no reason"
    if "az login" in said:
        return "nobody is signed in; run `az login`"
    return said[:400]
