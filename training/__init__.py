"""Training: telemetry in, a registered and evaluated model version out. Nothing here is deployed."""
