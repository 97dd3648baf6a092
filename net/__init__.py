"""How we talk to others: what may be reached, within which time, and what went wrong."""
