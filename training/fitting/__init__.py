"""From labelled drive-days to fitted, calibrated models: features, candidates, search."""
