"""The app's own version; model versions are numbered apart from it."""

VERSION = "0.1.0"
"""As in CHANGELOG.md."""
