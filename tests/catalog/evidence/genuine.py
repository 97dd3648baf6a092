"""Genuine bundles of every kind, made from one history in a real database."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from pricetrail.catalog.saved_heads import SavedHead
from pricetrail.catalog.strict_json import dumps, loads
from pricetrail.queries.proofs import bundle
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.history import versions as history
from tests.support import pruned
from tests.support.histories import accepted, at, build, catalog, failed, model, quarantined, tokens

ODD = {
    "kind": "token",
    "text": {"prompt": "3e-6", "completion": "0.0000150", "internal_reasoning": "free"},
    "bands": [{"rate": 1, "above": "200_000"}, {"rate": Decimal("0.50"), "on": True}],
    "a/b~": {"x": None},
    "negative": -1,
    "generation": {"video": {"per_second": 2}},
    "tiers": {
        "over_200k": {"text": {"prompt": "0.00001"}},
        "priority": {"over_272000": {"cache": {"read": "0.1"}}},
        "batch": {"utc_1630_0030": {"generation": {"image": {"per_image": "0.04"}}}, "odd": "1"},
        "over_200": {"batch": {"text": {"prompt": "2"}}},
    },
}


class Kind(NamedTuple):
    """A question, and what the answer rests on."""

    name: str
    model: str
    at: str | None
    certainty: str
    versions: list[int]
    source: str = "s"


# By the history that `record` writes.
KINDS = [
    Kind("first", "gpt-5", "10:00", "observed", [1]),
    Kind("observed", "gpt-5", "11:30", "observed", [2]),
    Kind("observed by two", "m-3", "10:30", "observed", [1, 2]),
    Kind("bracketed", "gpt-5", "10:30", "bracketed", [1, 2]),
    Kind("gap", "odd", "13:30", "gap", [2, 3]),
    Kind("gone in a gap", "gpt-5", "13:30", "gap", [2, 3]),
    Kind("gone", "passing", "14:30", "bracketed", [3, 4]),
    Kind("new", "new", "14:30", "bracketed", [3, 4]),
    Kind("last", "new", None, "observed", [5]),
    Kind("since the last poll", "new", "20:00", "gap", [5]),
    Kind("imported", "gpt-5", "10:30", "gap", [1, 2], "i"),
    Kind("set aside", "gpt-5", "11:30", "gap", [1, 2], "q"),
    Kind("an import's point", "gpt-5", "11:00", "observed", [2], "i"),
]


@dataclass(frozen=True)
class Genuine:
    """The bundles as texts by the name of their kind; each version's head by source."""

    bundles: dict[str, str]
    heads: dict[str, dict[int, SavedHead]]

    def bundle(self, name: str) -> Any:
        """A bundle as it is read from its file, to do with as one likes."""
        return loads(self.bundles[name])

    def head(self, name: str, version: int = 0) -> SavedHead:
        """The head of a version of the history that a bundle is of; by default the last."""
        source = loads(self.bundles[name])["claim"]["source"]
        return self.heads[source][version or max(self.heads[source])]


def record(database: Database) -> None:
    """Versions 1 at 10:00, 2 at 11:00 and 12:00, 3 at 14:00, 4 at 15:00, 5 at 16:00 and 17:00."""
    dear, cheap = tokens("0.000003", "0.00001"), tokens("0.0000025", "0.00001")
    others = [model(f"m-{n}") for n in range(6)]
    odd = model("odd", ODD, **{"größe": Decimal("1.50"), "a/b~": [{}, []], "list": [1, "x"]})
    passing, new = model("passing"), model("new", tokens("0.0000002", "0.1"))
    second = catalog(model("gpt-5", cheap), odd, passing, *others)
    build(database, "s", [("10:00", catalog(model("gpt-5", dear), odd, passing, *others))])
    build(database, "s", [("11:00", second), ("12:00", second)])
    failed(database, "s", "13:00")
    last = catalog(model("m-0", dear), new)
    build(
        database,
        "s",
        [
            ("14:00", catalog(odd, passing, *others)),
            ("15:00", catalog(odd, new, *others)),
            ("16:00", last),
            ("17:00", last),
        ],
    )
    points = [("10:00", catalog(model("gpt-5", dear))), ("11:00", catalog(model("gpt-5", cheap)))]
    build(database, "i", points, imported=True)
    set_aside(database, "q", [found for _, found in points])


def genuine(database: Database) -> Genuine:
    """Everything that can be made of a new database; one bundle after its bodies are pruned."""
    record(database)
    with database.read() as connection:
        made = {kind.name: dumps(_made(connection, kind)) for kind in KINDS}
        heads = {name: _heads(connection, name) for name in ("s", "i", "q")}
    with database.write() as connection:
        pruned.prune_bodies(connection, at("16:30"))
    with database.read() as connection:
        made["pruned"] = dumps(_made(connection, KINDS[1]))
    return Genuine(made, heads)


def _made(connection: Any, kind: Kind) -> dict[str, Any]:
    source = sources.choose(connection, kind.source)
    return bundle(connection, source, kind.model, at(kind.at) if kind.at else None)


def _heads(connection: Any, name: str) -> dict[int, SavedHead]:
    rows = history.snapshots(connection, sources.choose(connection, name).id)
    return {row.version: SavedHead(row.version, row.hash) for row in rows}


def set_aside(database: Database, source: str, catalogs: list[Any]) -> None:
    """A catalog; another one, set aside twice and then accepted; the first one again."""
    build(database, source, [("10:00", catalogs[0])])
    for hour in ("11:00", "12:00"):
        quarantined(database, source, hour)
    accepted(database, source, "12:00", catalogs[1], seen_first="11:00")
    build(database, source, [("13:00", catalogs[1]), ("14:00", catalogs[0])])
