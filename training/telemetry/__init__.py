"""Reading telemetry: day CSVs, folders, zips and Parquet of any year, whole or shard by shard."""
