"""Random campaigns: kills, damage, CSV files and bodies that nobody has thought of; `make campaign`."""
