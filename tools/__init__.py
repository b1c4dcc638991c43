"""Tools of the build: what make calls."""
