"""What an app in Azure costs a month: a formula, examples, and the prices behind them."""

from ops.cost.command import add_arguments, run

__all__ = ["add_arguments", "run"]
