"""What the HTTP functions have in common: bodies, limits, ids, timings, problems, the table of endpoints."""
