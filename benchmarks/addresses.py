"""The pages that are measured: each as it is mostly asked for, and where it has most to do."""

from pathlib import Path

from sqlalchemy import func, select

from benchmarks.keeping import opened
from benchmarks.markets import MAIN, Market, changes_by_model, name_of
from pricetrail.catalog.times import rfc3339
from pricetrail.queries.event_cursors import Cursor
from pricetrail.queries.timeline import Wanted
from pricetrail.storage import tables as t
from pricetrail.storage.database import Transaction

# Those that are measured after a change, too: the others are the same with other parameters.
CHANGING = (
    "overview",
    "catalog",
    "model that changed once",
    "model that changed often",
    "model that changed often, all of it",
    "model with a bill",
    "timeline",
    "compare",
    "coverage",
    "snapshot",
    "deliveries",
    "proof",
    "comparing sources",
)


def addresses_of(path: Path, market: Market) -> dict[str, str]:
    """Addresses by what they are of."""
    changes = changes_by_model(market)
    once = min(number for number, times in changes.items() if times == 1)
    past = rfc3339(market.at(market.hours - min(8_760, market.hours * 9 // 10)))
    often, seldom = (f"/model/{name_of(number)}?source={MAIN}" for number in (0, once))
    with opened(path) as database, database.read() as transaction:
        largest, cursor, event = _places(transaction)
    catalog, timeline = f"/catalog?source={MAIN}", f"/timeline?source={MAIN}"
    compare, coverage = f"/compare?source={MAIN}", f"/coverage?source={MAIN}"
    half = rfc3339(market.at(market.hours // 2))
    return {
        "overview": "/",
        "overview, a year ago": f"/?at={past}",
        "catalog": catalog,
        "catalog, sorted": f"{catalog}&sort=-text.prompt",
        "catalog, filtered": f"{catalog}&q=family-1&type=openai",
        "catalog, exact, its last page": f"{catalog}&exact=1&page=10",
        "catalog, years ago": f"{catalog}&at={half}",
        "model that changed once": seldom,
        "model that changed often": often,
        "model that changed often, all of it": f"{often}&since=all",
        "model with a bill": f"{often}&prompt=1000000&completion=200000&then={past}",
        "timeline": timeline,
        "timeline, of a glob and a direction": f"{timeline}&model=family-1*&direction=increase",
        "timeline, by percent": f"{timeline}&percent=500",
        "timeline, nothing found": f"{timeline}&percent=99999999",
        "timeline, years ago by a cursor": f"{timeline}&cursor={cursor}",
        "timeline, years ago by a time": f"{timeline}&at={half}",
        "event": f"/event/{event}",
        "compare": compare,
        "compare over a year": f"{compare}&a={past}&b=latest",
        "coverage": coverage,
        "coverage of a year": f"{coverage}&year={market.at(market.hours // 2).year}",
        "coverage of a month": f"{coverage}&month={market.at(market.hours // 2):%Y-%m}",
        "snapshot": f"/snapshot/latest?source={MAIN}",
        "snapshot that changed most": f"/snapshot/{largest}?source={MAIN}",
        "deliveries": "/deliveries",
        "deliveries, dead": "/deliveries?state=dead",
        "deliveries, delivered": f"/deliveries?state=delivered&cursor={market.messages // 2}",
        "delivery": "/delivery/dlv_1",
        "quarantine": "/quarantine",
        "proof": f"/proof?source={MAIN}",
        "comparing sources": "/compare/sources",
    }


def _places(transaction: Transaction) -> tuple[int, str, str]:
    """The version that changed most, a cursor in the middle of the log, and the newest's id."""
    of_main = select(t.source.c.id).where(t.source.c.name == MAIN).scalar_subquery()
    counts = t.snapshot.c.repriced + t.snapshot.c.added + t.snapshot.c.removed
    versions = select(t.snapshot.c.version).where(t.snapshot.c.source_id == of_main)
    largest = transaction.execute(versions.order_by(counts.desc()).limit(1)).scalar_one()
    newest = transaction.execute(select(func.max(t.event.c.number))).scalar_one()
    last = select(t.event.c.id).where(t.event.c.number == newest)
    main = transaction.execute(select(of_main)).scalar_one()
    middle = Cursor({main: newest // 2}, last=newest).text(Wanted().question(MAIN))
    return largest, middle, transaction.execute(last).scalar_one()
