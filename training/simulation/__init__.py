"""A made-up fleet in the published schema: for demos, load and format tests.

Never evidence of a model's quality.
"""
