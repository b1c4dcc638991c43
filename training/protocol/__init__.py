"""The honest protocol: periods, labels, embargoed splits, folds, and sampling for training."""
