"""List and replay the telemetry files that failed too often: the poison queues."""

from ops.poison.command import add_arguments, run

__all__ = ["add_arguments", "run"]
