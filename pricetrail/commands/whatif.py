"""`pricetrail whatif`: the same usage on another model."""

from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pricetrail.catalog.amounts import percent
from pricetrail.catalog.errors import InvalidInputError
from pricetrail.context import App, pass_app
from pricetrail.options import TIME, json_option, source_option, usage_options

if TYPE_CHECKING:
    from pricetrail.audit.documents import Spool
    from pricetrail.audit.pricer import Unpriced
    from pricetrail.audit.totals import Listing
    from pricetrail.audit.what_if import Comparison, Swapped


@click.command(
    epilog="""\b
Examples:
  pricetrail whatif usage.csv --swap gpt-5=gpt-5-mini
  pricetrail whatif usage.csv --swap a=b --swap c=b --at 2026-11-01
"""
)
@click.argument("usage", metavar="USAGE", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--swap", "swaps", metavar="A=B", multiple=True, required=True, help="Use B instead of A."
)
@click.option("--at", type=TIME, help="Price all rows as of then, not as of their own times.")
@usage_options
@json_option
@source_option
@pass_app
def command(
    app: App,
    usage: Path,
    swaps: tuple[str, ...],
    at: datetime | None,
    style: str,
    rates: tuple[str, ...],
    as_json: bool,
    source: str | None,
) -> None:
    """Show what USAGE costs, and would cost with other models.

    Each row is priced as of its time. A row that the other model cannot price is listed, and is
    in neither sum.
    """
    from pricetrail.audit.documents import Spool
    from pricetrail.audit.pricer import Pricer
    from pricetrail.audit.usage import currencies
    from pricetrail.audit.usage.files import UsageTable
    from pricetrail.audit.what_if import compare
    from pricetrail.render import progress
    from pricetrail.storage.history.prices import timeline
    from pricetrail.storage.sources import choose

    wanted, table = _parsed(swaps), UsageTable(usage, style, currencies.rates(rates))
    database = app.database()
    with database.read() as connection:
        state = choose(connection, source)
        for model in wanted.values():
            timeline(connection, state.id, model)  # an unknown model is no question of rows
    with closing(Spool()) as spool:
        with progress(f"reading {usage.name}", table.size) as bar:
            rows = table.read(bar.advance)
            found, refused = compare(Pricer(database, state), rows, wanted, at)
            listing = _collect(refused, spool if as_json else None)
        _answer(found, listing, wanted, spool, as_json=as_json)


def _parsed(swaps: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for swap in swaps:
        one, _, other = (part.strip() for part in swap.partition("="))
        if not one or not other:
            raise InvalidInputError(f"--swap {swap!r}: write A=B, the model used and the other one")
        if found.setdefault(one, other) != other:
            raise InvalidInputError(f"--swap: {one} is swapped for two models")
    return found


def _collect(refused: "Iterable[Unpriced]", spool: "Spool | None") -> "Listing[Unpriced]":
    from pricetrail.audit.documents import unpriced
    from pricetrail.audit.totals import Listing

    listing: Listing[Unpriced] = Listing()
    for one in refused:
        listing.add(one.model, one)
        if spool is not None:
            spool.add(unpriced(one))
    return listing


def _answer(
    found: "Comparison",
    listing: "Listing[Unpriced]",
    wanted: dict[str, str],
    spool: "Spool",
    *,
    as_json: bool,
) -> None:
    from pricetrail.audit.amounts import counted
    from pricetrail.audit.documents import print_long_json
    from pricetrail.render import note

    if as_json:
        models = [{"model": name} | _shown(one) for name, one in _ordered(found)]
        document = {"currency": "USD", "swaps": wanted} | _shown(found.total) | {"models": models}
        del document["to"]
        print_long_json(document, {"unpriced": spool})
    else:
        _show(found, listing)
    unused = [name for name in wanted if name not in found.models and not listing.by_model[name]]
    if unused:
        note(f"not in the usage: {', '.join(unused)}")
    if listing.number:
        note(f"{counted(listing.number)} without a price on one of the sides: in neither sum")


def _ordered(found: "Comparison") -> "list[tuple[str, Swapped]]":
    return sorted(found.models.items(), key=lambda pair: (-abs(pair[1].difference), pair[0]))


def _shown(one: "Swapped") -> dict[str, Any]:
    from pricetrail.audit.report import plain_signed

    change = percent(one.now, one.then)
    return {
        "to": one.to,
        "rows": one.rows,
        "uncertain": one.uncertain,
        "now": plain_signed(one.now),
        "then": plain_signed(one.then),
        "difference": plain_signed(one.difference),
        "percent": None if change is None else str(change),
    }


def _show(found: "Comparison", listing: "Listing[Unpriced]") -> None:
    from pricetrail.audit.amounts import counted, dollars, signed
    from pricetrail.render import line, table
    from pricetrail.text.sanitize import sanitize

    rows = []
    for name, one in [*_ordered(found), ("in all", found.total)]:
        change = percent(one.now, one.then)
        shown = None if change is None else f"{change:+}%"
        to = one.to if one.to != name else ""
        cost = (dollars(one.now), dollars(one.then), signed(one.difference))
        rows.append((name, to, f"{one.rows:,}", *cost, shown))
    table(("model", "instead", "rows", "now", "then", "difference", "change"), rows)
    if found.total.uncertain:
        line(f"{counted(found.total.uncertain)} at an uncertain cost")
    for refused in listing.first:
        named = f" {sanitize(refused.model)}" if refused.model else ""
        line(f"  line {refused.line}{named}: {sanitize(refused.why, 300)}")
    if listing.number > len(listing.first):
        line(f"  and {listing.number - len(listing.first):,} more: --json lists all of them")
