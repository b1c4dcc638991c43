"""Failures that end a run before anything is read."""

from __future__ import annotations


class CollectError(Exception):
    """The run cannot go on; its text is the one line that is printed."""


class ConfigurationError(CollectError):
    """An option, a variable or a line of the ini file that cannot be used."""


class BusyError(CollectError):
    """Another run of the collector works in the same folder."""
