"""A small history with a bit of everything that the tables of a catalog show."""

from datetime import datetime

from pricetrail.storage.database import Database
from tests.support.histories import at, build, catalog, failed, model, tokens

LONG = "org/" + "very-long-name-" * 8 + "end"
EVIL = "=cmd|'/c calc'!A1<script>"
IMAGE = {"kind": "generation", "generation": {"image": {"per_image": "0.04"}}}
NOW = at("2026-03-10T12:00:00Z")


def market(database: Database) -> None:
    """Three versions: the baseline, a cut and a new model, and what is gone and updated."""
    claude = model("anthropic/claude", tokens("0.000003", "0.000015", cache={"read": "0.0000003"}))
    gpt = model("openai/gpt:batch", tokens("0.00001", "0.00003"))
    cheap = model("openai/gpt:batch", tokens("0.0000075", "0.00003"))
    pixel = model("pixel", IMAGE, type_target="gemini", display_name="Painter")
    gone = model("gone", tokens("0", "0"))
    evil = model(EVIL, tokens("0.000001", "free"))
    long = model(LONG, tokens("0.000002", "0.000004"))
    build(
        database,
        "shop",
        [
            ("2026-01-05T10:00:00Z", catalog(claude, gpt, pixel, gone)),
            ("2026-03-08T10:00:00Z", catalog(claude, cheap, pixel, gone, evil)),
            ("2026-03-09T10:00:00Z", catalog(claude | {"context": 1}, cheap, pixel, evil, long)),
        ],
    )


def nothing(database: Database) -> None:
    """No source is recorded yet."""


def unread(database: Database) -> None:
    """A source of which no poll was good yet."""
    failed(database, "shop", "10:00")


def now() -> datetime:
    """The time that the pages are looked at."""
    return NOW
