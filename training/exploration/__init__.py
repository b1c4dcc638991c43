"""Telemetry in figures that add up over parts of a fleet, and the report made of them."""
