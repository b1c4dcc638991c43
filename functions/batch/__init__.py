"""One run on one telemetry file: in one piece, or in ranges on as many instances as there are."""
