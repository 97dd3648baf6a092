"""What is being done at the moment, on stderr: a long measurement is not silent."""

import sys


def note(text: str) -> None:
    """One line beside the tables."""
    print(f"… {text}", file=sys.stderr, flush=True)
