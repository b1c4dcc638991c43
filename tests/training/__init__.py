"""Tests of training, room by room."""
