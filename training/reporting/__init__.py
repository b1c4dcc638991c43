"""Reading matter about a version: card, figures, evaluation page."""
