"""Metrics per drive and per row, and the forward test of every candidate."""
