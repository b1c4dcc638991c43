"""A challenger scored beside the champion, and how far the two differ."""
