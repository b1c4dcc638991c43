"""The scoring of a file: its blocks, the whole file, a range, and all ranges together."""
