"""Telemetry as JSON: a stream of smartctl's outputs cut into objects, and each read as a row."""
