"""Write docs/reference.md and docs/api.md: settings, endpoints, columns and codes as the code has them."""

from ops.reference.command import add_arguments, run

__all__ = ["add_arguments", "run"]
