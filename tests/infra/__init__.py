"""Tests of infra/: what Azure would be asked for, as Microsoft's compiler works it out."""
