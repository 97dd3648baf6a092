"""`pricetrail models`: the catalog, now or as of a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import click

from pricetrail.context import App, pass_app
from pricetrail.options import TIME, json_option, source_option

_PROMPT, _COMPLETION = "/pricing/text/prompt", "/pricing/text/completion"


@click.command(
    epilog="""\b
Examples:
  pricetrail models
  pricetrail models --at 2026-03-01
  pricetrail models --json | jq '.data[].id'
"""
)
@click.option("--at", type=TIME, help="As of this time, such as 2026-03-01.")
@source_option
@json_option
@pass_app
def command(app: App, at: datetime | None, source: str | None, as_json: bool) -> None:
    """Show the catalog as it was last seen, or as of a time.

    With --json in the gateway's own shape (object, data, total), each model as it was served.
    """
    from pricetrail.queries.revisions import version_at
    from pricetrail.render import line, raw_json
    from pricetrail.storage import sources
    from pricetrail.storage.history import versions

    with app.database().read() as connection:
        state = sources.choose(connection, source)
        version = version_at(connection, state, at)
        found = versions.catalog_at(connection, state.id, version)
        snapshot = versions.require_version(connection, state.id, version)
    if as_json:
        raw_json(versions.listing(found))
        return
    _show([model.document for model in found])
    from pricetrail.catalog.times import rfc3339

    line(
        f"\n{len(found)} models of {state.name}, version {version}, "
        f"first seen {rfc3339(snapshot.not_after)}"
    )


def _show(documents: Sequence[str]) -> None:
    from pricetrail.catalog.strict_json import loads
    from pricetrail.render import line, table

    if not documents:
        line("the catalog was empty")
        return
    table(
        ("model", "type", "prompt /1M", "completion /1M", "other prices"),
        [_row(loads(document)) for document in documents],
    )


def _row(document: Mapping[str, Any]) -> tuple[object, ...]:
    from pricetrail.catalog.price_lists import shown_prices
    from pricetrail.prices import headline, rows_of

    prices = shown_prices(dict(document))
    rest = [entry for entry in prices if entry["path"] not in (_PROMPT, _COMPLETION)]
    others = [f"{name} {shown}" for name, shown, _ in rows_of(rest[:2])]
    if len(rest) > 2:
        others.append(f"and {len(rest) - 2} more")
    return (
        document["id"],
        document.get("type_target"),
        headline(prices, _PROMPT),
        headline(prices, _COMPLETION),
        ", ".join(others),
    )
