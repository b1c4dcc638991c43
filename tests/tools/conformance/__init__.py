"""Tests of make conformance and of its asker."""
