"""Usage rows at the prices then in force: their cost, how sure it is, what explains a bill."""
