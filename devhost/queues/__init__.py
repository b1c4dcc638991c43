"""The queue trigger, and the listener that takes messages from a queue."""
