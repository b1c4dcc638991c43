"""Which candidate is taken: the forward test, other fleets, seeds, and the release that is fitted."""
