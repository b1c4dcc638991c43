"""A period of telemetry scored day by day as production would have, and held against what happened."""
