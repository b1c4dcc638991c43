"""Which models answer in this process: from the package or the container models."""
