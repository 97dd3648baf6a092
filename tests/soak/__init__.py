"""A service that runs for long: it takes no more of anything than it did after it had begun.

`make soak` takes an hour; `make test-faults` runs the same for less, and a week of polls at once.
"""
