"""Models, prices and protocol families that the history knows."""

from pricetrail.storage.database import Database
from pricetrail.storage.history import known_names
from tests.support.histories import build, catalog, model, tokens


def test_names_are_those_of_every_source_and_families_those_of_now(database_url: str) -> None:
    database = Database(database_url)
    with database.read() as transaction:
        assert known_names.models(transaction) == frozenset()
        assert known_names.type_targets(transaction) == frozenset()
        assert known_names.price_paths(transaction) == set()
    old = catalog(model("gone", type_target="gemini"), model("a"))
    now = catalog(model("a", tokens("1e-6", "2e-6", audio={"x": "0.1"}), type_target="anthropic"))
    build(database, "s", [("10:00", old), ("11:00", now)])
    build(database, "t", [("10:00", catalog(model("a"), model("b", type_target="own")))])
    with database.read() as transaction:
        assert known_names.models(transaction) == {"a", "b", "gone"}
        assert known_names.type_targets(transaction) == frozenset(("anthropic", "openai", "own"))
        paths = known_names.price_paths(transaction)
    assert {"/pricing/text/prompt", "/pricing/audio/x"} <= paths
    database.close()
