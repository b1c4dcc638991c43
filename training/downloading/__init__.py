"""Fetching Backblaze's published telemetry: what a quarter is called, the transfer, and the check."""
