"""The report of a file: one HTML page that needs no script and no other file."""
