"""A look at everything that a poll and a delivery stand on; nothing is recorded or sent."""
