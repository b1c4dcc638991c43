"""The blob trigger: what is watched and announced, delivered, and remembered."""
