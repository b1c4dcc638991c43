"""Pages for people: the site's files, and the card of the model."""
