"""Price files that other tools read: one module a format, from the same priced models."""
