"""The app and its account from outside: where it is, how it is asked, what it answers."""
