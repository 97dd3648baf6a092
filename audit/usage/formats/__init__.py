"""What providers and tools export: one file a format, and the registry that tells them apart."""
