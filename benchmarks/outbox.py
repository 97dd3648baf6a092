"""What is asked of the outbox all day, by how many messages wait in it."""

import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import text

from benchmarks.notes import note
from benchmarks.tables import Row, at_most, medians
from pricetrail.storage.database import Database
from pricetrail.storage.outbox import delivery_counts, leases
from pricetrail.storage.outbox.deliveries import DELIVERED
from pricetrail.storage.outbox.leases import Attempt
from pricetrail.storage.schema import ensure
from tests.support import postgres

# A third of them for one webhook, a third for a hundred, the rest for a hundredth as many.
ON_POSTGRES, ON_SQLITE = (10_000, 1_000_000), (10_000, 100_000)
ROUNDS = 15
_UNIT = "x the time with {:,} waiting"


def run(
    on_postgres: tuple[int, int] = ON_POSTGRES,
    on_sqlite: tuple[int, int] = ON_SQLITE,
    rounds: int = ROUNDS,
) -> Iterator[Row]:
    """Claims and looks with many messages waiting beside the same with few, on both databases."""
    with tempfile.TemporaryDirectory() as folder, postgres.running() as server:

        def on_server(waiting: int) -> str:
            server.create(f"of_{waiting}")
            return server.url(f"of_{waiting}")

        def on_file(waiting: int) -> str:
            return f"sqlite:///{Path(folder) / str(waiting)}.db"

        yield from _beside("Postgres", on_server, on_postgres, rounds)
        yield from _beside("SQLite", on_file, on_sqlite, rounds)


def _beside(
    kind: str, url: Callable[[int], str], sizes: tuple[int, int], rounds: int
) -> Iterator[Row]:
    few, many = sizes
    with ExitStack() as stack:
        found = {}
        for size in sizes:
            note(f"{kind}: {size:,} messages wait")
            found[size] = _works(stack.enter_context(_waiting(url(size), size)))
        for what, (work, grows) in found[many].items():
            took = medians(rounds, few=found[few][what][0], many=work)
            goal = None if grows else at_most(2)
            unit = _UNIT.format(few)
            yield Row(f"{kind}, {many:,} waiting: {what}", took["many"] / took["few"], unit, goal)


def _works(database: Database) -> dict[str, tuple[Callable[[], object], bool]]:
    """What is done, and whether it may take longer the more webhooks there are."""
    hooks = {"one webhook": "one", "one of a hundred": "some-7", "one of all others": "each-7"}
    claims: dict[str, tuple[Callable[[], object], bool]] = {
        f"claim and settle one {way}, {who}": (
            partial(_claim, database, hook, ordered=way == "in order"),
            False,
        )
        for way in ("in order", "in any order")
        for who, hook in hooks.items()
    }
    return claims | {
        "who has something due": (partial(_look, database), True),
        "how many wait, by state": (partial(_count, database), True),
    }


def _claim(database: Database, webhook: str, *, ordered: bool) -> None:
    now = database.now()
    with database.write() as connection:
        got = leases.claim(
            connection,
            webhook,
            ordered=ordered,
            token=uuid.uuid4().hex,
            now=now,
            lease_until=now + timedelta(seconds=90),
        )
        if not got:
            raise AssertionError(f"nothing is due for {webhook}")
        leases.record_attempt(connection, [Attempt(one, DELIVERED, now) for one in got])


def _look(database: Database) -> None:
    with database.read() as connection:
        leases.webhooks_with_due(connection, database.now(), lambda name: name < "one")


def _count(database: Database) -> None:
    with database.read() as connection:
        delivery_counts.counts(connection)


@contextmanager
def _waiting(url: str, size: int) -> Iterator[Database]:
    """A database in which so many messages wait, each due at once."""
    database = Database(url)
    ensure(database)
    now = "clock_timestamp()" if database.sqlite_path is None else "1000 * strftime('%s')"
    with database.write(long=True) as connection:
        connection.execute(text(_FILL.format(now=now)), {"size": size, "each": max(1, size // 100)})
        connection.execute(text("ANALYZE delivery"))
    yield database
    database.close()


_FILL = """
INSERT INTO delivery (id, webhook, event_ids, state, created_at, next_at)
WITH digit(d) AS (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)),
number(n) AS (
  SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d + 100000 * g.d
  FROM digit a, digit b, digit c, digit e, digit f, digit g
)
SELECT 'dlv_' || n,
       CASE n % 3 WHEN 0 THEN 'one' WHEN 1 THEN 'some-' || (n / 3 % 100)
                  ELSE 'each-' || (n / 3 % :each) END,
       '["evt_0000000000000000000000000000000000000000"]', 'pending', {now}, {now}
FROM number WHERE n < :size ORDER BY n
"""
