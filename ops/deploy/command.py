"""The command: ``python -m ops deploy``."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.text import Text

from ops.console import console
from ops.deploy import before
from ops.deploy.confirm import confirm
from ops.deploy.environment import add_environment_arguments, from_arguments
from ops.deploy.steps import INFRA, STEPS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_environment_arguments(parser)
    parser.add_argument(
        "--step",
        action="append",
        choices=[step.name for step in STEPS],
        help="take this step alone; again for another (default: all, in the order shown)",
    )
    parser.add_argument(
        "--before",
        type=Path,
        metavar="FILE",
        help="first write down what answers now, for `python -m ops restore`",
    )


def run(args: argparse.Namespace) -> None:
    """Take the steps one after the other.

    Raises
    ------
    OpsError
        A step failed, or was not confirmed. The steps before it stay done; run the command again with
        ``--step`` from the one that failed on.
    """
    environment = from_arguments(args)
    out = console()

    def tell(line: str) -> None:
        out.print(Text(f"  {line}"))

    out.print(Text(f"Environment {environment.name}, subscription {environment.subscription}"))
    if args.before:
        found = before.write(environment, args.before)
        out.print(Text(f"Before: champion in the container {found.champion or 'none'}, in {args.before}"))
    for step in STEPS:
        if args.step and step.name not in args.step:
            continue
        if step.name == INFRA and not args.yes:
            confirm(
                f"Deploy the infrastructure of {environment.name} to {environment.subscription}?",
                environment.name,
            )
        out.print(Text(f"{step.name}: {step.summary}", style="bold"))
        if message := step.take(environment, tell):
            tell(message)
