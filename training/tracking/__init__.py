"""MLflow tracking of training runs: an extra of development, which no training depends on."""
