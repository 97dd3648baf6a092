"""One statement for many rows gives on either database what one for each would."""

from datetime import datetime

from sqlalchemy import text

from pricetrail.storage import slots, sources
from pricetrail.storage.database import Database
from pricetrail.storage.polls import poll_state, polls
from pricetrail.storage.polls.polls import Poll, Seen
from pricetrail.storage.slots import Finished, Lease, Planned
from tests.support import histories
from tests.support.histories import at

_UPDATES = "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables WHERE relname = 'source'"


def test_each_row_gets_its_own_values_and_those_that_match_are_counted(database_url: str) -> None:
    database = Database(database_url)
    with database.write() as connection:
        made = sources.open_sources(connection, dict.fromkeys(("a", "b", "c")), at("10:00"))
        ids = [made[name].id for name in "abc"]
        slots.plan(connection, {one: Planned(at("10:00"), at("10:00"), at("10:00")) for one in ids})
        leases = [Lease(one, f"t{n}", at("10:10")) for n, one in enumerate(ids)]
        slots.hold(connection, leases, "me", at("10:00"))

        def following(minutes: int) -> Planned:
            slot: datetime = at(f"11:{minutes:02}")
            return Planned(slot, slot, at("10:01"))

        done = [Finished(one, f"t{n}", following(n)) for n, one in enumerate(ids)]
        lost = Finished(ids[1], "another", done[1].following)
        assert slots.finish_many(connection, [done[0], lost]) == 1
        assert slots.finish_many(connection, done) == 2
        assert slots.finish_many(connection, []) == 0
        found = sources.states_of(connection, "abc")
    assert [found[name].next_slot_at for name in "abc"] == [at(f"11:0{n}") for n in range(3)]
    database.close()


def test_a_poll_that_finds_nothing_new_touches_no_index_of_the_wide_rows(postgres_url: str) -> None:
    """Updates of columns that an index has are never HOT, and cost every index of the table."""
    database = Database(postgres_url)
    histories.poll(database, "s", "10:00", histories.catalog(histories.model("a")))
    with database.write() as connection:
        begun = poll_state.find(connection, "s")
        assert begun is not None
        poll = Poll(begun.source, at("10:15"), at("10:15"))
        # What this connection did before may not have been added up yet.
        before = connection.execute(text(_UPDATES)).one()
        polls.find_again(connection, [Seen(poll, None, None)])
        after = connection.execute(text(_UPDATES)).one()
        assert tuple(b - a for a, b in zip(before, after, strict=True)) == (1, 1)
    database.close()
