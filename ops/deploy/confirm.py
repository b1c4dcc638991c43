"""Asking a person before something is changed or deleted."""

from __future__ import annotations

import sys

from ops.errors import OpsError


def confirm(question: str, answer: str) -> None:
    """Ask, and go on only if the answer is the one expected.

    Raises
    ------
    OpsError
        Another answer, or nobody is there to give one.
    """
    if not sys.stdin.isatty():
        raise OpsError("nobody is there to confirm this; --yes goes on without asking")
    sys.stderr.write(f"{question} Type {answer} to go on: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip() != answer:
        raise OpsError("not confirmed; nothing was changed by this step")
