"""A newly trained version against the champion: which of them is compared how, and what follows from it."""
