"""The functions of the app: one module a group of triggers, thin."""
