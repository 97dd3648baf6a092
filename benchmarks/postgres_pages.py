"""What pages cost on Postgres: in our process as on SQLite, and in the server's own beside it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from statistics import median

from benchmarks import markets
from benchmarks.addresses import CHANGING, addresses_of
from benchmarks.copying import copy_to_postgres
from benchmarks.keeping import opened
from benchmarks.markets import Market
from benchmarks.notes import note
from benchmarks.pages import BARE, Changing, anew, catalogs
from benchmarks.serving import Served, served
from benchmarks.tables import Row, at_most
from pricetrail.storage.database import Database
from tests.support import postgres


def run(market: Market, rounds: int = 10, polls: int = 3) -> Iterator[Row]:
    """The main pages of the same history, made anew, and for the first reader after a change."""
    path = markets.database_of(market)
    pages = {page: where for page, where in addresses_of(path, market).items() if page in CHANGING}
    with postgres.running() as server:
        server.create("market")
        database = Database(server.url("market"))
        note("the market, into Postgres")
        with opened(path) as known:
            copy_to_postgres(known, database)
        now, process = market.end + timedelta(hours=1), server.process
        with served(server.url("market"), now, process) as both:
            for page, where in pages.items():
                note(f"{where}, on Postgres")
                yield from _rows(page, both, where, rounds)
            yield from catalogs(both, market, rounds)
            changing = Changing(database, market)
            for page, where in pages.items():
                note(f"{where}, on Postgres, after a change")
                what = f"{page}, first after a change"
                yield from _rows(what, both, where, polls, changing.poll)
        database.close()


def _rows(
    what: str,
    both: Served,
    where: str,
    rounds: int,
    before: Callable[[], object] = lambda: None,
) -> Iterator[Row]:
    """What our process works for a page, and what Postgres does, in units of a bare page."""
    took: dict[str, list[float]] = {"bare": [], "page": [], "server": []}
    for _ in range(rounds):
        anew(both, where)
        before()
        took["bare"].append(both.cost(partial(both.bare.get, "/")))
        page, server = both.costs(partial(anew, both, where))
        took["page"].append(page)
        took["server"].append(server)
    bare = median(took["bare"])
    yield Row(what, median(took["page"]) / bare, BARE, at_most(10))
    yield Row(f"{what}: Postgres itself", median(took["server"]) / bare, BARE)
