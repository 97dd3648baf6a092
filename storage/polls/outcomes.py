"""What polls come to: the words of the tables `poll` and `coverage`, and of its reasons."""

# Of stretches of coverage.
GOOD, IMPORTED = "good", "imported"
FAILED, QUARANTINED, MISSED = "failed", "quarantined", "missed"
# Of single polls that were good.
CHANGED, UNCHANGED = "changed", "unchanged"

# Whoever polled saw an accepted catalog, or did not.
SEEN = (GOOD, IMPORTED)
BAD = (FAILED, QUARANTINED, MISSED)

MISSED_WHY = "no poll was made, though the schedule asked for some"
CLOCK_WHY = "the clock was set back: what it had recorded ahead of its time does not count"
# Of polls with a row of their own.
OUTCOMES = (CHANGED, UNCHANGED, FAILED, QUARANTINED)
