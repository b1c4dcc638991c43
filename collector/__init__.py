"""Reads a host's drives with smartctl and writes or sends their telemetry; stands alone, on Python 3.8.

Nothing here imports anything but the standard library and this package: `make collector` packs it into
one file.
"""

VERSION = "0.1.0"
"""The release it belongs to, see CHANGELOG.md."""
