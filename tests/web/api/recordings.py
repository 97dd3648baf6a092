"""Histories that the API is asked about."""

from pricetrail.storage.database import Database
from tests.support.histories import build, catalog, failed, model, poll, quarantined, tokens

# Ids that an address could be taken for.
ODD = (
    "openai/gpt-5:free",
    "a/v1/models/b",
    "deep/price",
    "deep/history/price",
    "with blank ?&#+",
    "\u202ebidi",
)


def one_source(database: Database) -> None:
    """A source whose prices move, with models of odd names, a failure and a quarantine."""
    odd = [model(name) for name in ODD]
    cheap = tokens("0.0000025", "0.000015", cache={"read": "0.00000025"})
    build(
        database,
        "s",
        [
            ("09:00", catalog(model("m"), model("gone"), *odd)),
            ("10:00", catalog(model("m", cheap), model("new"), *odd)),
            ("11:00", catalog(model("m", cheap), model("new"), *odd)),
            ("12:00", catalog(model("m"), model("new", display_name="Newer"), *odd)),
        ],
    )
    failed(database, "s", "13:00")
    quarantined(database, "s", "14:00")
    poll(database, "s", "15:00", catalog(model("m"), model("new", display_name="Newer"), *odd))


def two_sources(database: Database) -> None:
    """Two sources, recorded one after the other, whose times interleave."""
    for source, minute in (("east", "00"), ("west", "30")):
        cheaper = (tokens(f"0.00000{n}", "0.000015") for n in (5, 4, 3))
        states = [catalog(model("m", pricing), model(source)) for pricing in cheaper]
        build(database, source, [(f"{9 + n:02}:{minute}", it) for n, it in enumerate(states)])
