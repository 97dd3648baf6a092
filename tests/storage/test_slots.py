"""Slots: found by an index when they are due, claimed in sets, held by one at a time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text, update

from pricetrail.storage import slot_upkeep, slots, sources
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.slots import Lease, Planned
from pricetrail.storage.sources import SourceState
from tests.support.histories import at
from tests.support.slots import due_at, set_slot, take

NOW, UNTIL = at("10:00"), at("10:02")
NAMES = ("a", "b", "c", "d")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Four sources, due one after the other: the last one a minute from now."""
    found = Database(database_url)
    with found.write() as connection:
        made = sources.open_sources(connection, dict.fromkeys(NAMES, "http://x/"), NOW)
        for number, name in enumerate(NAMES, -2):
            moment = NOW + number * timedelta(minutes=1)
            slots.plan(connection, {made[name].id: Planned(moment, moment, NOW)})
    yield found
    found.close()


def state(database: Database, name: str = "a") -> SourceState:
    with database.read() as connection:
        return sources.choose(connection, name)


def claimed(
    database: Database, most: int = 9, *, now: datetime = NOW, token: str = "t", **options: object
) -> list[str]:
    """The names of those that somebody claims now, and holds for two minutes."""
    with database.write() as connection:
        found = slots.claim(connection, now, most, **options)  # type: ignore[arg-type]  # as given
        until = now + timedelta(minutes=2)
        leases = [Lease(one.begun.source.id, token, until) for one in found]
        slots.hold(connection, leases, "me", now)
    return [one.begun.source.name for one in found]


def test_the_most_overdue_are_claimed_first_and_by_one(database: Database) -> None:
    assert claimed(database, 2) == ["a", "b"]
    assert claimed(database) == ["c"]
    assert claimed(database) == []
    assert state(database).lease_until == UNTIL
    # Their leases have run out, and another slot has come.
    assert claimed(database, now=UNTIL) == ["d", "a", "b", "c"]


def test_of_many_that_claim_at_once_each_slot_has_one_holder(database: Database) -> None:
    with ThreadPoolExecutor(4) as threads:
        taken = list(threads.map(lambda n: claimed(database, 1, token=f"t{n}"), range(8)))
    assert sorted(name for names in taken for name in names) == ["a", "b", "c"]


def test_what_another_transaction_has_locked_delays_nobody(postgres_url: str) -> None:
    first, second = Database(postgres_url), Database(postgres_url)
    with first.write() as connection:
        made = sources.open_sources(connection, dict.fromkeys(NAMES, "http://x/"), NOW)
        slots.plan(connection, {one.id: Planned(NOW, NOW, NOW) for one in made.values()})
    with first.write() as open_transaction:
        locked = slots.claim(open_transaction, NOW, 2)
        with second.write() as connection:
            # It would wait for half a minute otherwise, and fail.
            connection.execute(text("SET LOCAL lock_timeout = '100ms'"))
            rest = slots.claim(connection, NOW, 9)
            assert len(slot_upkeep.lock_due(connection, NOW, 9)) == 2
    names = {one.begun.source.name for one in [*locked, *rest]}
    assert (len(locked), len(rest), names) == (2, 2, set(NAMES))
    first.close()
    second.close()


def test_a_claim_is_about_some_or_all_but_some(database: Database) -> None:
    a, b = state(database, "a").id, state(database, "b").id
    assert claimed(database, only=[b]) == ["b"]
    assert claimed(database, only=[]) == []
    assert claimed(database, but=[a]) == ["c"]


def test_who_looks_at_the_minutes_of_slots_comes_before_their_share_of_the_period(
    database: Database,
) -> None:
    with database.write() as connection:
        later = Planned(NOW, NOW + timedelta(seconds=40), NOW)
        connection.execute(t.slot.delete().where(t.slot.c.source_id == state(database, "a").id))
        slots.plan(connection, {state(database, "a").id: later})
    early = timedelta(minutes=1)
    # The slot of the last one itself has not come.
    assert claimed(database, only=[state(database, "d").id], early=early) == []
    assert claimed(database) == ["b", "c"]
    assert claimed(database, early=early) == ["a"]


def test_a_claim_tells_what_a_poll_begins_from(database: Database) -> None:
    with database.write() as connection:
        connection.execute(update(t.source).where(t.source.c.name == "a").values(settings="{}"))
        found = slots.claim(connection, NOW, 2)
        assert [one.settings for one in found] == ["{}", None]
        assert found[0].begun.source == sources.choose(connection, "a")
        assert (found[0].slot_at, found[0].polled_at) == (NOW - timedelta(minutes=2), None)


def test_a_lease_that_ran_out_is_taken_over_and_its_holder_finds_out(database: Database) -> None:
    following = Planned(at("10:15"), at("10:16"), NOW)
    with database.write() as connection:
        assert take(connection, "a", token="first", now=NOW, until=UNTIL)
        assert not take(
            connection, "a", token="second", now=UNTIL - timedelta(seconds=1), until=UNTIL
        )
        assert take(connection, "a", token="second", now=UNTIL, until=at("10:04"))
        source = sources.choose(connection, "a").id
        assert not slots.holds(connection, source, "first")
        assert slots.holds(connection, source, "second")
        slots.give_back(connection, source, "first")
        assert not slots.finish(connection, source, "first", following)
        assert slots.finish(connection, source, "second", following)
        assert due_at(connection, "a") == at("10:16")
    done = state(database)
    assert (done.next_slot_at, done.lease_until) == (at("10:15"), None)
    assert "a" not in claimed(database)  # that slot is over


def test_a_slot_that_was_not_begun_is_due_again_at_once(database: Database) -> None:
    assert claimed(database, 1) == ["a"]
    with database.write() as connection:
        slots.give_back(connection, state(database).id, "t")
    assert claimed(database, 1) == ["a"]


@pytest.mark.parametrize(("minutes", "taken"), [(10, False), (31, False), (33, True), (60, True)])
def test_a_lease_longer_than_there_is_one_is_none(
    database: Database, minutes: int, taken: bool
) -> None:
    with database.write() as connection:
        until = NOW + timedelta(minutes=minutes)
        assert take(connection, "a", token="first", now=NOW, until=until)
        slot_upkeep.free_ahead(connection, NOW)
        assert take(connection, "a", token="second", now=NOW, until=UNTIL) is taken


def test_nobody_claims_the_slot_of_a_paused_source(database: Database) -> None:
    with database.write() as connection:
        sources.set_paused(connection, state(database).id, True)
        new = sources.open_source(connection, "new", NOW)
        sources.set_paused(connection, new.id, True)
        # It is planned afterwards.
        slots.plan(connection, {new.id: Planned(NOW, NOW, NOW)})
    assert state(database).paused
    assert claimed(database, 9, now=UNTIL) == ["b", "c", "d"]
    with database.write() as connection:
        sources.set_paused(connection, state(database).id, False)
    assert claimed(database, 1) == ["a"]


def test_a_slot_stays_unless_it_is_too_late(database: Database) -> None:
    source = state(database).id
    with database.write() as connection:
        set_slot(connection, "a", at("10:30"))
        for slot, shown in (("10:45", "10:30"), ("10:15", "10:15")):
            slots.plan(connection, {source: Planned(at("10:01"), at("10:01"), NOW)})
            slots.no_later(connection, {source: Planned(at(slot), at(slot), NOW)})
            assert sources.choose(connection, "a").next_slot_at == at(shown)
            assert due_at(connection, "a") == at(shown)


def test_a_slot_that_is_held_is_put_in_another_place_and_stays_held(database: Database) -> None:
    source = state(database).id
    with database.write() as connection:
        assert take(connection, "a", token="t", now=NOW, until=UNTIL)
        earlier = Planned(at("09:00"), at("09:00"), NOW)
        slots.no_later(connection, {source: earlier})
        slot_upkeep.put_off(connection, [source], at("12:00"))
        slot_upkeep.recall(connection, [source])
        assert due_at(connection, "a") == UNTIL
        assert sources.choose(connection, "a").next_slot_at == at("09:00")


def test_what_nobody_here_can_poll_is_put_off_until_it_is_recalled(database: Database) -> None:
    with database.write() as connection:
        [known, *_] = slot_upkeep.due(connection, NOW, 9)
        assert (known.source_id, known.name, known.settings) == (state(database).id, "a", None)
        slot_upkeep.put_off(connection, [known.source_id], at("10:10"))
        assert [one.name for one in slot_upkeep.due(connection, NOW, 9)] == ["b", "c"]
        slot_upkeep.recall(connection, [known.source_id])
        assert [one.name for one in slot_upkeep.due(connection, NOW, 1)] == ["a"]


def test_what_a_clock_ahead_worked_out_is_found(database: Database) -> None:
    with database.write() as connection:
        ahead = NOW + timedelta(hours=1)
        slots.finish(connection, state(database).id, "t", Planned(ahead, ahead, ahead))
        assert take(connection, "a", token="t", now=NOW, until=UNTIL)
        assert slot_upkeep.set_ahead(connection, NOW) == []
        slots.finish(connection, state(database).id, "t", Planned(ahead, ahead, ahead))
        assert [one.name for one in slot_upkeep.set_ahead(connection, NOW)] == ["a"]


MANY = 100_000
SEED = """
INSERT INTO source (name, created_at, head_hash)
    SELECT 's' || n, now(), '\\x00' FROM generate_series(1, :many) n;
INSERT INTO slot (source_id, slot_at, due_at, set_at)
    SELECT id, due, due, due
    FROM (SELECT id, timestamptz '2026-03-01 10:00Z' + id % 3600 * interval '1 s' AS due
          FROM source) planned;
"""


@pytest.mark.slow
@pytest.mark.parametrize("analyzed", [True, False])
def test_what_is_due_is_found_by_an_index_however_many_there_are(
    postgres_url: str, *, analyzed: bool
) -> None:
    database = Database(postgres_url)
    with database.write() as connection:
        for statement in SEED.strip().split(";\n"):
            connection.execute(text(statement.replace(":many", str(MANY)).rstrip(";")))
    with database.write() as connection:
        if analyzed:
            connection.execute(text("ANALYZE"))
        ran: list[Any] = []
        event.listen(connection, "before_cursor_execute", lambda *seen: ran.append(seen[2:4]))
        assert len(slots.claim(connection, at("10:30"), 8)) == 8
        [(statement, parameters)] = ran
        rows = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars()
        plan = "\n".join(rows)
    database.close()
    # The tables that nothing was seeded into are empty.
    assert "Seq Scan on slot" not in plan
    assert "Seq Scan on source" not in plan
    assert "ix_slot_due_at" in plan


@pytest.mark.parametrize(
    ("host", "left"),
    [
        ("a.example:443", ["b", "c", "d"]),
        ("b_b.example:8443", ["a", "c", "d"]),
        ("::1:80", ["a", "b", "d"]),
        ("a.example:8443", ["a", "b", "c", "d"]),
        ("example:443", ["a", "b", "c", "d"]),
        ("bxb.example:8443", ["a", "b", "c", "d"]),
    ],
)
def test_hosts_are_left_out_by_the_addresses_of_their_sources(
    database: Database, host: str, left: list[str]
) -> None:
    urls = ["https://A.example", "https://b_b.example:8443/v1", "http://[::1]:80/v1", None]
    with database.write() as connection:
        for name, url in zip(NAMES, urls, strict=True):
            connection.execute(update(t.source).where(t.source.c.name == name).values(url=url))
    assert claimed(database, now=UNTIL, hosts=[host]) == left
    assert claimed(database, now=UNTIL) == [name for name in NAMES if name not in left]
