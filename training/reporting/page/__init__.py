"""Parts of self-contained HTML pages: style, tables and charts that need no script and no other file."""
