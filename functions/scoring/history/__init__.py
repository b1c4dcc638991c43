"""Earlier days of a drive: snapshots written, read and looked up, joined, and kept in memory or a folder."""
