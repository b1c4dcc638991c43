"""What a scored file left in storage, as people ask for it."""
