"""What people see in a browser: the site's files, and the card of the model."""
