"""The polls and what they vouch for: coverage, quarantine, changes that wait."""
