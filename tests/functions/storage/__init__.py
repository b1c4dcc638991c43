"""Tests of blob access, against a real Azurite."""
