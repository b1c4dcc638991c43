"""Tests of the telemetry report, figure by figure."""
