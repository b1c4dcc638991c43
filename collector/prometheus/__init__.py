"""The drives that a Prometheus knows."""
