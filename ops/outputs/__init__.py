"""A scored file's outputs in storage, as people ask for them."""
