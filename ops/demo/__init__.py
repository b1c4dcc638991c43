"""Run the whole thing once: start the app, score a fleet, ask about one of its drives, show it all, stop."""

from ops.demo.command import add_arguments, run

__all__ = ["add_arguments", "run"]
