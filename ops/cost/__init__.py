"""The costs of an app in Azure a month: a formula, examples, and the prices they use."""

from ops.cost.command import add_arguments, run

__all__ = ["add_arguments", "run"]
