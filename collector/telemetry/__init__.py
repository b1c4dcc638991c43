"""Telemetry as CSV, on disk."""
