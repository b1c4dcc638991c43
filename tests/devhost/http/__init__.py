"""Tests of the HTTP side of devhost."""
