"""What usage cost: rows at the prices then in force, how certain, and what explains a bill."""
