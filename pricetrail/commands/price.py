"""`pricetrail price`: what a model cost, and how certain that is."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from pricetrail.context import App, pass_app
from pricetrail.options import TIME, json_option, source_option

if TYPE_CHECKING:
    from pricetrail.storage.history.prices import PriceAnswer


@click.command(
    epilog="""\b
Examples:
  pricetrail price gpt-5                                   as it was last seen
  pricetrail price gpt-5 --at 2026-03-01T12:00:00Z
  pricetrail price gpt-5 --field text.prompt --json
  pricetrail price gpt-5 --field /pricing/tiers/over_200k
"""
)
@click.argument("model")
@click.option("--at", type=TIME, help="The time to answer for; by default as last seen.")
@click.option("--field", metavar="PATH", help="One price, or a group: text.prompt, cache.")
@source_option
@json_option
@pass_app
def command(
    app: App, model: str, at: datetime | None, field: str | None, source: str | None, as_json: bool
) -> None:
    """Show the prices of MODEL at a time, and how certain they are.

    observed: good polls around that time agree. bracketed: they differ, the change lies between
    them. gap: a poll failed, was missed or was set aside around it; both sides are shown.
    """
    from pricetrail.catalog.pointers import from_person
    from pricetrail.render import print_json
    from pricetrail.storage import sources
    from pricetrail.storage.history.prices import price_at

    path = from_person(field) if field is not None else None
    with app.database().read() as connection:
        chosen = sources.choose(connection, source)
        answer = price_at(connection, chosen, model, at, path)
    if as_json:
        print_json(answer.shown())
    else:
        _show(answer)


def _show(answer: "PriceAnswer") -> None:
    from pricetrail.render import line
    from pricetrail.text.sanitize import sanitize

    shown = answer.shown()
    line(f"{sanitize(shown['model'], 600)} of {sanitize(shown['source'])} at {shown['at']}")
    line(f"{shown['certainty']}: {_why(shown)}\n")
    if shown["certainty"] == "observed":
        _prices(shown)
    else:
        _side("before", shown["before"])
        _side("after", shown["after"])
    line(f"\nversion {shown['snapshot']['version']}, head {shown['snapshot']['hash']}")


def _why(shown: dict[str, Any]) -> str:
    from pricetrail.text.sanitize import sanitize

    since, until = shown["observed"]["from"], shown["observed"]["until"]
    if shown["certainty"] == "observed":
        return f"seen at {since}" if since == until else f"good polls from {since} to {until} agree"
    before, after = shown["before"], shown["after"]
    if shown["certainty"] == "bracketed":
        return f"it changed between {before['at']} and {after['at']}"
    return f"nothing vouches for this time ({sanitize(shown['why'], 600)})"


def _side(name: str, side: dict[str, Any] | None) -> None:
    from pricetrail.render import line

    if side is None:
        line(f"{name}: no good poll since")
        return
    line(f"{name}, seen {side['at']} (version {side['version']}):")
    _prices(side)


def _prices(side: dict[str, Any]) -> None:
    from pricetrail.prices import rows_of
    from pricetrail.render import line, table

    rows = rows_of(side["prices"])
    if rows:
        table(("price", "", "exact"), rows)
    else:
        line("  not visible to this key" if side["pricing"] is None else "  no prices")
