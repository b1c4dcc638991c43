"""Common to the HTTP functions: bodies, limits, ids, timings, problems, the table of endpoints."""
