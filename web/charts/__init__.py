"""Pictures of numbers as SVG: pure functions from answers to markup, no I/O and no framework."""
