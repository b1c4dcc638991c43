"""Bring an environment to Azure, a step after the other; each can be run alone and again."""

from ops.deploy.command import add_arguments, run

__all__ = ["add_arguments", "run"]
