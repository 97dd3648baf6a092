"""The history can be sharded by source as Citus does it: one source, one shard, in every statement.

The rules are Citus' own: a key of a distributed table holds the column that it is distributed by; a
foreign key goes to a table distributed alike, by that column, or to one that is everywhere; what
is written or locked is told by one value of that column, and so is what is joined.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlglot
from sqlalchemy import UniqueConstraint, event
from sqlglot import exp

from pricetrail.jobs import maintenance
from pricetrail.storage import tables as t
from pricetrail.storage.history import events
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.history.exports import observations
from pricetrail.storage.history.prices import timeline
from pricetrail.storage.sources import choose
from pricetrail.storage.verification.verify import verify
from tests.jobs.stage import Stage, listing, many, model, staged

# What grows with the history; `docs/sizing.md` says how they are distributed.
SHARDED = {"snapshot", "model_version", "price", "event", "event_count", "schema_seen", "sunset"}
# Small and asked for with every one of them: on each machine.
EVERYWHERE = {"source", "model", "path", "shared_body"}
_BY = "source_id"
_PARAMETER = re.compile(r"%\((\w+)\)s(::\w+( WITH TIME ZONE)?)?")


@pytest.mark.parametrize("name", sorted(SHARDED))
def test_every_key_holds_the_column_that_it_is_sharded_by(name: str) -> None:
    table = t.metadata.tables[name]
    keys = [table.primary_key, *(k for k in table.constraints if isinstance(k, UniqueConstraint))]
    assert all(_BY in key.columns for key in keys)
    assert all(_BY in index.columns for index in table.indexes if index.unique)
    for key in table.foreign_key_constraints:
        other = key.referred_table.name
        assert other in EVERYWHERE or (other in SHARDED and _BY in key.columns)


def test_nothing_that_is_not_sharded_refers_to_what_is() -> None:
    referred = {
        (table.name, key.referred_table.name)
        for table in t.metadata.sorted_tables
        for key in table.foreign_key_constraints
        if table.name not in SHARDED
    }
    assert {other for _, other in referred} & SHARDED == set()


@pytest.fixture
def said(postgres_url: str) -> Iterator[tuple[Stage, list[str]]]:
    """A stage, and the statements that it sends."""
    statements: list[str] = []
    with staged(postgres_url) as stage:

        def note(_c: Any, _k: Any, text: str, *_: Any) -> None:
            statements.append(text)

        event.listen(stage.database.engine, "before_cursor_execute", note)
        yield stage, statements


def offences(statement: str, *, reading: bool) -> list[str]:
    """The sharded tables of a statement that no value says which shard of is meant."""
    parsed = sqlglot.parse_one(_PARAMETER.sub(r"'\1'", statement), dialect="postgres")
    assert isinstance(parsed, exp.Expression)
    tables = {one.alias_or_name: one.name for one in parsed.find_all(exp.Table)}
    sharded = {alias for alias, name in tables.items() if name in SHARDED}
    if isinstance(parsed, exp.Insert):
        into = parsed.find(exp.Table)
        columns = {one.name for one in parsed.this.find_all(exp.Identifier)}
        assert into is not None
        sharded -= {into.alias_or_name} if _BY in columns else set()
    shards = _shards(parsed, tables)
    # What is only read may be joined shard by shard, as long as it is joined by the column.
    if reading and len({shards.get(one, one) for one in sharded}) <= 1:
        return []
    return sorted(one for one in sharded if shards.get(one) != "")


def _shards(parsed: exp.Expression, tables: dict[str, str]) -> dict[str, str]:
    """To each alias the least of those whose column equals its own; '' for a value."""

    def side(found: object) -> str | None:
        if not isinstance(found, exp.Column):
            return ""
        alias = found.table or next(iter(tables), "")
        # A source itself is told by its id.
        wanted = "id" if tables.get(alias) == "source" else _BY
        return alias if found.name == wanted else None

    equals = [one for one in parsed.find_all(exp.EQ) if not isinstance(one.parent, exp.Or)]
    pairs = [(side(one.this), side(one.expression)) for one in equals]
    least = {alias: alias for alias in ("", *tables)}
    for _ in pairs:
        for one, other in pairs:
            if one is not None and other is not None:
                least[one] = least[other] = min(least[one], least[other])
    return least


def writing(statement: str) -> bool:
    return not statement.lstrip().upper().startswith(("SELECT", "WITH")) or "FOR " in statement


def checked(statements: list[str]) -> int:
    """How many of the statements are about sharded tables, each of which keeps the rules."""
    found = 0
    for text in statements:
        if not re.match(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b", text):
            continue
        if not any(re.search(rf"\b{name}\b", text) for name in SHARDED):
            continue
        found += 1
        assert offences(text, reading=not writing(text)) == [], text
    return found


def test_a_poll_writes_to_one_shard(said: tuple[Stage, list[str]]) -> None:
    stage, statements = said
    for served in (
        many(5),
        many(5),
        many(7, prompts={2: "0.000004"}),
        listing(*many(6)["data"], model("odd", extra={"a": [1]})),
    ):
        statements.clear()
        stage.poll(served)
        assert checked(statements) >= 1


def test_held_changes_and_old_bodies_are_written_to_one_shard(
    said: tuple[Stage, list[str]],
) -> None:
    stage, statements = said
    for number in (5, 6, 6, 4, 4, 4):
        stage.poll(many(number), confirm_removals=2)
    statements.clear()
    assert maintenance.prune_bodies(stage.database, stage.now) > 0
    # What there is to prune, and which bodies nobody has any more, is asked of all shards.
    pruning = [one for one in statements if "GROUP BY" not in one and "NOT (EXISTS" not in one]
    assert checked(pruning) > 3


def test_what_is_asked_of_one_source_is_read_from_one_shard(
    said: tuple[Stage, list[str]],
) -> None:
    stage, statements = said
    for number in (3, 4, 5, 4):
        stage.poll(many(number))
    statements.clear()
    with stage.database.read() as connection:
        state = choose(connection, "pipellm")
        assert verify(connection, state).first_break is None
        assert list(timeline(connection, state.id, "m-000").states)
        assert list(events.read(connection, EventFilter(source_id=state.id)))
        assert list(observations(connection, state.id))
    assert checked(statements) > 8


_JOINED = "SELECT 1 FROM price p JOIN event e ON {} WHERE p.source_id = %(s)s"


@pytest.mark.parametrize(
    ("statement", "offending"),
    [
        ("UPDATE snapshot SET models = 1 WHERE version = 2", ["snapshot"]),
        ("UPDATE snapshot SET models = 1 WHERE source_id = 2", []),
        ("UPDATE snapshot SET models = 1 WHERE source_id = 2 OR source_id = 3", ["snapshot"]),
        ("DELETE FROM price USING model WHERE price.model_id = model.id", ["price"]),
        ("INSERT INTO event (number) VALUES (1)", ["event"]),
        ("INSERT INTO event (number, source_id) VALUES (1, 2)", []),
        ("SELECT 1 FROM price p JOIN event e ON p.source_id = e.source_id", ["e", "p"]),
        (_JOINED.format("e.source_id = p.source_id"), []),
        (_JOINED.format("e.version = p.valid_from"), ["e"]),
        ("SELECT 1 FROM source JOIN event e ON e.source_id = source.id", ["e"]),
        ("SELECT 1 FROM source s JOIN event e ON e.source_id = s.id WHERE s.id = 1", []),
    ],
)
def test_what_breaks_a_rule_is_found(statement: str, offending: list[str]) -> None:
    assert offences(statement, reading=False) == offending
