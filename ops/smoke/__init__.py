"""Try a running app once: health, readiness, one prediction and a file of three drives, all as recorded."""

from ops.smoke.command import add_arguments, run

__all__ = ["add_arguments", "run"]
