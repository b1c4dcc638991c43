"""Apps the tests run."""
