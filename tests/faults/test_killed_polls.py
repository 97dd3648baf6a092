"""kill -9 at every step of a set of polls: no slot is polled twice, none is lost for long."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from pricetrail.demo.gateway import Gateway
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.history import events
from pricetrail.storage.history.events import EventFilter
from tests.support.histories import model
from tests.support.killed import NOW, Kill, Killed, kills, on_both, rows_of

pytestmark = pytest.mark.slow

CONFIG = """
[sources.{name}]
url = "{url}"
api_key = "demo-key"
schedule = "*/15 * * * *"
check_date = false
"""
# Two of them find another catalog, two what they found before.
CHANGED, SAME = ("a", "b"), ("c", "d")
WORDS = "poll --due"
SLOT = timedelta(minutes=15)
KILLS = on_both(kills("poll", 6), kills("poll", 6))


def told(database: Database) -> list[tuple[str, str, str | None]]:
    with database.read() as connection:
        found = [event for _, event in events.read(connection, EventFilter())]
    return sorted((event.source, event.type, event.model or "") for event in found)


def polled_twice(database: Database) -> list[object]:
    """Slots with two polls."""
    slot = (t.poll.c.source_id, t.poll.c.slot)
    query = select(*slot).where(t.poll.c.slot.is_not(None)).group_by(*slot)
    with database.read() as connection:
        return list(connection.execute(query.having(func.count() > 1)))


def held(database: Database) -> int:
    query = select(func.count()).select_from(t.slot).where(t.slot.c.token.is_not(None))
    with database.read() as connection:
        return int(connection.execute(query).scalar_one())


@pytest.mark.parametrize(("database_url", "kill"), KILLS, indirect=["database_url"], ids=str)
def test_what_a_killed_process_held_is_polled_by_the_next(
    database_url: str, kill: Kill, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = Killed(database_url, monkeypatch)
    models = [model(f"m-{n}") for n in range(3)]
    with Gateway(models) as changing, Gateway(models) as same:
        sources = {**dict.fromkeys(CHANGED, changing), **dict.fromkeys(SAME, same)}
        text = "".join(CONFIG.format(name=name, url=one.url) for name, one in sources.items())
        Path("pricetrail.toml").write_text(text)
        killed.completes(WORDS)
        changing.catalog = [*models, model("new")]
        killed.dies(WORDS, kill, now=NOW + SLOT)
        rows_of(database_url)
        # What it held is nobody's for some minutes; then everything is as ever.
        killed.completes(WORDS, now=NOW + 2 * SLOT)
        killed.completes(WORDS, now=NOW + 3 * SLOT)
    rows_of(database_url)
    with closing(Database(database_url)) as database:
        assert told(database) == [(name, "model.added", "new") for name in CHANGED]
        assert (polled_twice(database), held(database)) == ([], 0)
        with database.read() as connection:
            polls = connection.execute(select(t.source.c.polls)).scalars().all()
    assert len(polls) == len(sources)
    assert set(polls) <= {3, 4}
