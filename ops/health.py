"""Ask whether the app answers, and whether it is ready to score."""

from __future__ import annotations

import argparse

from rich.text import Text

from ops.app import response, target
from ops.console import console
from ops.errors import OpsError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    target.add_target_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """Print both answers; OpsError when one of them is not 200."""
    chosen = target.from_arguments(args)
    out = console()
    answers = {path: response.get(chosen.http, path) for path in (response.HEALTH, response.READY)}
    for path, answer in answers.items():
        out.print(Text(f"GET {chosen.url}{path}  {answer.status}  {answer.text}"))
    if wrong := [f"{path} answered {answer.summary}" for path, answer in answers.items() if not answer.is_ok]:
        raise OpsError("; ".join(wrong))
