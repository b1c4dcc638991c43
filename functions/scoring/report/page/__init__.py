"""The page of the report: one HTML file that needs no script and no other file."""
