"""Tests of the commands of training."""
