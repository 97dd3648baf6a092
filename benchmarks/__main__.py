"""`python -m benchmarks`: prints every measurement as it is taken; see benchmarks/README.md."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import click

from benchmarks import (
    audits,
    deliveries,
    diffs,
    fetches,
    flaps,
    fleet,
    imports,
    lists,
    markets,
    outbox,
    pages,
    polls,
    postgres_pages,
    readers,
    readme,
    scrapes,
    shared,
    sharing,
    starts,
    years,
)
from benchmarks.tables import COLUMNS, Row
from pricetrail.render import table

Benchmark = Callable[[], Iterable[Row]]
TITLES = {
    "polls": "A poll, less the network and one bare commit",
    "fetches": "Fetches that find nothing new, by how they are made",
    "starts": "Starts, as whole processes",
    "diffs": "The diff",
    "lists": "Lists of other gateways",
    "imports": "The import of the real history",
    "flaps": "What a team would have read, by hold",
    "deliveries": "Deliveries",
    "outbox": "The outbox, by how much waits",
    "readers": "The page beside the polls",
    "scrapes": "A scrape of `/metrics`",
    "fleet": "A fleet",
    "sharing": "What a further source takes that shares its list",
    "history": "The audit over the real history",
    "audits": "A bill",
    "engines": "A bill by an engine",
    "pages": "The pages over ten made-up years of a market",
    "postgres": "The main pages on Postgres",
    "years": "The audit over ten made-up years",
}


def _benchmarks(quick: bool) -> dict[str, Benchmark]:
    data = shared.folder()
    few = 120 if quick else None
    sizes = (300, 1_000) if quick else polls.SIZES
    deliveries_at = ((50, 500), 0.5) if quick else (deliveries.WAITING, 5.0)
    scale = years.QUICK if quick else years.FULL
    return {
        "polls": partial(polls.run, sizes),
        "fetches": partial(fetches.run, *(((4, 16), 4, 1, 1.0, 16) if quick else ())),
        "starts": partial(starts.run, 2 if quick else 40),
        "diffs": partial(diffs.run, 1_000 if quick else 10_000),
        "lists": partial(lists.run, (100,) if quick else lists.SIZES),
        "imports": partial(imports.run, data, few) if data else _missing,
        "flaps": partial(flaps.run, data, few) if data else _missing,
        "deliveries": partial(deliveries.run, *deliveries_at),
        "outbox": partial(outbox.run, *(((800, 1_600), (800, 1_600), 1) if quick else ())),
        "readers": partial(readers.run, *((300, 2, 200) if quick else (1_000, 20, 100_000))),
        "scrapes": partial(scrapes.run, *(((1, 10, 20), 200) if quick else ())),
        "fleet": partial(fleet.run, fleet.QUICK if quick else fleet.FULL),
        "sharing": partial(sharing.run, *(((1, 2), None) if quick else (sharing.SOURCES, data))),
        "history": partial(years.shared_history, data, few) if data else _missing,
        "audits": partial(audits.rows, 20_000 if quick else 1_000_000),
        "engines": partial(audits.engines, data, 20_000 if quick else 1_000_000, few)
        if data
        else _missing,
        "pages": partial(pages.run, markets.QUICK if quick else markets.FULL),
        "postgres": partial(postgres_pages.run, markets.QUICK if quick else markets.FULL),
        "years": partial(years.made_up, scale),
    }


def _missing() -> list[Row]:
    return [Row("the real history", shared.MISSING, "")]


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(TITLES)))
@click.option("--quick", is_flag=True, help="Small sizes: whether it runs, not what it measures.")
@click.option("--write", is_flag=True, help="Put the tables into benchmarks/README.md.")
def main(names: tuple[str, ...], quick: bool, write: bool) -> None:
    """Measure what the goals name, as ratios taken in one run; NAMES choose some of it."""
    if quick and write:
        raise click.UsageError("--write is for the whole sizes: leave out --quick")
    benchmarks = _benchmarks(quick)
    for name in names or TITLES:
        rows = list(benchmarks[name]())
        table(COLUMNS, [row.cells for row in rows], title=TITLES[name])
        click.echo()
        if write:
            readme.write(Path(__file__).with_name("README.md"), name, rows)


if __name__ == "__main__":
    main()
