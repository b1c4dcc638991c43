"""From the bytes of a file to lines and back: blocks, header, line checks, rejects, scored rows."""
