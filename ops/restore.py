"""Put an earlier state of an environment back: a folder's code, and the champion that was before.

The folder is a checkout of the commit that was deployed (`git worktree add ../previous COMMIT`): the same
commit makes the same package, and its pinned requirements the same build. The infrastructure stays as it is.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.text import Text

from ops.console import console
from ops.deploy import before, code, hook, model
from ops.deploy.confirm import confirm
from ops.deploy.environment import add_environment_arguments, from_arguments
from ops.deploy.resources import STORAGE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_environment_arguments(parser)
    parser.add_argument(
        "--code", type=Path, required=True, metavar="FOLDER", help="checkout of what was deployed before"
    )
    parser.add_argument(
        "--before", type=Path, metavar="FILE", help="what `python -m ops deploy --before` wrote down"
    )


def run(args: argparse.Namespace) -> None:
    """Restore and try the app.

    Raises
    ------
    OpsError
        Something could not be restored, or the app does not answer as recorded.
    """
    environment = from_arguments(args)
    was = before.read(environment, args.before) if args.before else None
    if not args.yes:
        confirm(f"Deploy the code of {args.code} to {environment.name}?", environment.name)
    # Sending the code takes longer than a pipeline's sign-in lasts.
    environment.target().sign_in()
    out = console()
    # The model first: earlier code may not read the manifest of a later version.
    if was and was.champion:
        model.promote(model.address(environment.outputs()[STORAGE]), was.champion)
    out.print(Text(code.deploy(environment, args.code, lambda line: out.print(Text(f"  {line}")))))
    hook.run(environment, "smoke.sh")
    out.print(Text(f"{environment.name} is as before; its infrastructure was left alone"))
