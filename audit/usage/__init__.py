"""Usage rows as people keep them (CSV, JSON lines, Parquet), read one at a time."""
