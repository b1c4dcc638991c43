"""The drives of a host, read with smartctl."""
