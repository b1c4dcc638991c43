"""What people read about a version: card, figures, evaluation page."""
