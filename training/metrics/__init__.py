"""Metrics per drive and per row, with their intervals, and the thresholds of risk levels."""
