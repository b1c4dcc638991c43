"""Tests of devhost, against a real Azurite and real processes."""
