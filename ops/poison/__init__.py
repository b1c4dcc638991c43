"""List and replay the telemetry files that were given up: no try could score them."""

from ops.poison.command import add_arguments, run

__all__ = ["add_arguments", "run"]
