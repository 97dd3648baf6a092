"""History as rows, and as observations that make the same history again."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from pricetrail.catalog.strict_json import loads
from pricetrail.jobs.imports.importing import run
from pricetrail.jobs.imports.observations import Item, Observation
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.history import events, versions
from pricetrail.storage.history.exports import PriceInterval, observations, price_intervals
from tests.support.histories import at, build, catalog, model, tokens


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def source_id(database: Database, name: str) -> int:
    with database.read() as connection:
        return sources.choose(connection, name).id


def intervals(database: Database) -> list[PriceInterval]:
    with database.read() as connection:
        return list(price_intervals(connection, sources.choose(connection, "s").id))


def prompt(database: Database) -> list[tuple[Any, ...]]:
    return [
        (found.amount, found.flagged, found.from_version, found.until_version)
        for found in intervals(database)
        if found.path == "/pricing/text/prompt"
    ]


def named(price: str, name: str = "a", **more: Any) -> dict[str, Any]:
    return model(name, tokens(price, "0.00001"), **more)


def test_an_interval_tells_when_a_price_began_and_ended(database: Database) -> None:
    build(
        database,
        "s",
        [("10:00", catalog(named("0.000003"))), ("12:00", catalog(named("0.0000025")))],
    )
    found = intervals(database)
    assert found[1:] == [
        PriceInterval(
            model="a",
            path="/pricing/text/prompt",
            unit="USD/token",
            amount=Decimal("0.000003"),
            flagged=None,
            from_version=1,
            from_not_before=None,
            from_not_after=at("10:00"),
            until_version=2,
            until_not_before=at("10:00"),
            until_not_after=at("12:00"),
        ),
        PriceInterval(
            model="a",
            path="/pricing/text/prompt",
            unit="USD/token",
            amount=Decimal("0.0000025"),
            flagged=None,
            from_version=2,
            from_not_before=at("10:00"),
            from_not_after=at("12:00"),
            until_version=None,
            until_not_before=None,
            until_not_after=None,
        ),
    ]
    # The other price went on, though the model has two versions.
    assert (found[0].path, found[0].until_version) == ("/pricing/text/completion", None)


def test_a_model_that_was_gone_has_two_intervals_of_one_price(database: Database) -> None:
    here, gone = catalog(named("0.000003"), model("b")), catalog(model("b"))
    build(database, "s", [("10:00", here), ("11:00", gone), ("12:00", here)])
    mine = [row for row in prompt(database) if row[0] == Decimal("0.000003")]
    assert (Decimal("0.000003"), None, 1, 2) in mine
    assert (Decimal("0.000003"), None, 3, None) in mine


def test_what_is_no_amount_is_kept_as_its_text(database: Database) -> None:
    build(database, "s", [("10:00", catalog(named("-1")))])
    assert prompt(database) == [(None, "-1", 1, None)]


def test_intervals_are_in_byte_order_on_both_databases(database: Database) -> None:
    names = ["a", "B", "é", "a-b", "a_b", "Z", "ab"]
    build(database, "s", [("10:00", catalog(*(model(name) for name in names)))])
    found = [interval.model for interval in intervals(database)]
    assert list(dict.fromkeys(found)) == sorted(names)


def test_observations_make_the_same_history_again(database: Database) -> None:
    build(
        database,
        "s",
        [
            ("10:00", catalog(named("0.0000030"), model("b"))),
            ("11:00", catalog(named("3e-6"), model("b"))),
            ("12:00", None),
            ("13:00", catalog(named("0.0000025", display_name="né\u2028w"), model("c"))),
            ("14:00", catalog(named("0.0000025", note=[{"x": 1}]))),
            ("15:00", catalog()),
            ("16:00", catalog()),
        ],
    )
    with database.read() as connection:
        exported: list[Item] = [
            Observation(found.observed_at, found.payload.encode(), "export")
            for found in observations(connection, source_id(database, "s"))
        ]
    before = _history(database)
    with database.write() as connection:
        connection.execute(text("UPDATE source SET name = 'original'"))
        connection.execute(text("DELETE FROM event"))
    run(database, "s", exported)
    # Four versions; two were seen again before the next, and the first in another notation.
    assert len(exported) == 6
    assert _history(database) == before


def _history(database: Database) -> list[Any]:
    with database.read() as connection:
        source = sources.choose(connection, "s").id
        ids = [
            event.id for _, event in events.read(connection, events.EventFilter(source_id=source))
        ]
        prices = [
            [loads(state.document) for state in versions.catalog_at(connection, source, version)]
            for version in range(1, 5)
        ]
        heads = connection.execute(
            text(f"SELECT chain_hash FROM snapshot WHERE source_id={source} ORDER BY version")
        )
        return [ids, [bytes(head) for head in heads.scalars()], prices, intervals(database)]


def test_a_body_on_several_lines_is_exported_on_one(database: Database) -> None:
    body = b'\xef\xbb\xbf{\r\n "object": "list",\n "data": [],\n "total": 0\n}\n'
    run(database, "s", [Observation(at("10:00"), body, "f")])
    with database.read() as connection:
        (found,) = observations(connection, source_id(database, "s"))
    assert found.payload == '{   "object": "list",  "data": [],  "total": 0 }'


def test_a_body_that_was_pruned_is_put_together_again(database: Database) -> None:
    build(
        database, "s", [("10:00", catalog(model("a"), model("b"))), ("11:00", catalog(model("b")))]
    )
    with database.write() as connection:
        connection.execute(text("UPDATE snapshot SET body = NULL, body_base = NULL"))
    with database.read() as connection:
        found = list(observations(connection, source_id(database, "s")))
    assert [one.rebuilt for one in found] == [True, True]
    assert loads(found[0].payload) == catalog(model("a"), model("b"))
