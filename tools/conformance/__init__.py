"""make conformance: the same requests to several hosts, and where their answers differ."""
