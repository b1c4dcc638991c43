"""Tests of fetching published telemetry, against a real HTTP server on this machine."""
