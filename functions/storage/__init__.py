"""Blob access: pinned reads, staged writes, publication by compare-and-swap, history snapshots."""
