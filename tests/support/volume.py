"""How much random work a test does: some of it each time, and all of it in a thorough run."""

import os

import pytest

_PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "")


def seeds(usual: int, thorough: int) -> range:
    """Seeds for a test of random lives: the usual number, or those of a thorough run.

    `HYPOTHESIS_PROFILE=thorough` chooses; `quick` takes the first one alone.
    """
    return range({"thorough": thorough, "quick": 1}.get(_PROFILE, usual))


def size(usual: int, thorough: int) -> int:
    """How long a history is where a longer one only finds what is rarer still."""
    return thorough if _PROFILE == "thorough" else usual


def examples(usual: int) -> int:
    """How many examples a costly property is tried with: twenty times as many when thorough."""
    return {"thorough": 20 * usual, "quick": min(usual, 10)}.get(_PROFILE, usual)


def on_both(usual: int, thorough: int, on_postgres: int = 1) -> pytest.MarkDecorator:
    """Runs a test of `database_url` and `seed` with the seeds on SQLite and the first on Postgres.

    A thorough run takes all of them on both.
    """
    chosen = seeds(usual, thorough)
    on_server = chosen if _PROFILE == "thorough" else chosen[:on_postgres]
    pairs = [("sqlite", seed) for seed in chosen] + [("postgres", seed) for seed in on_server]
    return pytest.mark.parametrize(("database_url", "seed"), pairs, indirect=["database_url"])
