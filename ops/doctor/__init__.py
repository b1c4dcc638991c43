"""Check every link a telemetry file travels, from the settings to its summary, and say what to do."""

from ops.doctor.command import add_arguments, run

__all__ = ["add_arguments", "run"]
