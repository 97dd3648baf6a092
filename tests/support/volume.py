"""How much random work a test does: some of it each time, and all of it in a thorough run."""

import os

_PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "")


def seeds(usual: int, thorough: int) -> range:
    """Seeds for a test of random lives: the usual number, or those of a thorough run.

    `HYPOTHESIS_PROFILE=thorough` chooses; `quick` takes the first one alone.
    """
    return range({"thorough": thorough, "quick": 1}.get(_PROFILE, usual))


def examples(usual: int) -> int:
    """How many examples a test of Hypothesis takes: the usual number, or many in a thorough run."""
    return {"thorough": 20 * usual, "quick": min(usual, 10)}.get(_PROFILE, usual)
