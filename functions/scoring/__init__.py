"""The scoring library: telemetry in, forecasts out. Imports no Azure package."""
