"""The result of a scored file: its counts, the fleet of its newest day, drift, the summary, the report."""
