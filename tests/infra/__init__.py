"""Tests of infra/: what its syntax trees say, and that a break is noticed."""
