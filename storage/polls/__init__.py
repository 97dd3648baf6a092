"""The polls and what they cover: coverage, quarantine, changes that wait."""
