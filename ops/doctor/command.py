"""The command: ``python -m ops doctor``."""

from __future__ import annotations

import argparse

from rich.text import Text

from functions.log_records import one_line
from ops.app import target
from ops.console import console
from ops.doctor.check import DoctorCheck, Finding, walk
from ops.doctor.checks import CHECKS
from ops.errors import OpsError

STYLES = {"ok": "green", "failed": "bold red", "not checked": "yellow", "does not apply": "dim"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    target.add_target_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """Make every check and print a line for each as it is made.

    Raises
    ------
    OpsError
        A check failed, or the target does not allow to make all of them.
    """
    chosen = target.from_arguments(args)
    if not (chosen.in_azure or chosen.is_local):
        raise OpsError(f"{chosen.url} is not on this machine: name the app with --app and --resource-group")
    out = console()
    width = max(len(check.name) for check in CHECKS)
    state_width = max(map(len, STYLES))

    def tell(check: DoctorCheck, finding: Finding) -> None:
        out.print(
            Text.assemble(
                f"{check.name:<{width}}  ",
                (f"{finding.state:<{state_width}}", STYLES[finding.state]),
                f"  {one_line(finding.message)}",
            )
        )
        if finding.todo:
            out.print(Text(f"{'':<{width}}  {'':<{state_width}}  -> {finding.todo}", style="bold"))

    out.print(Text(f"From {chosen.url} through its storage account, as a file travels:"))
    found = walk(CHECKS, chosen, tell)
    counts = {state: sum(each.state == state for each in found.values()) for state in STYLES}
    if counts["failed"]:
        names = ", ".join(name for name, each in found.items() if each.state == "failed")
        unchecked = f"; {counts['not checked']} not checked for it" if counts["not checked"] else ""
        raise OpsError(f"{counts['failed']} of {len(found)} checks failed: {names}{unchecked}")
    out.print(Text(f"All links hold ({counts['ok']} ok, {counts['does not apply']} do not apply)."))
