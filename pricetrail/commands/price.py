"""`pricetrail price`: what a model cost, and how certain that is."""

from datetime import datetime

import click

from pricetrail.catalog.merkle import hash_text
from pricetrail.catalog.pointers import from_person
from pricetrail.context import App, pass_app
from pricetrail.help import Command
from pricetrail.options import at_option, json_option, quiet_option, source_option
from pricetrail.queries import price
from pricetrail.queries.price import PriceAnswer, Side
from pricetrail.render import line, print_json, when
from pricetrail.text.sanitize import sanitize
from pricetrail.views.prices import show


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail price gpt-5                                   as it was last seen
  pricetrail price gpt-5 --at 2026-03-01T12:00:00Z
  pricetrail price gpt-5 --field text.prompt --json
  pricetrail price gpt-5 --field /pricing/tiers/over_200k
""",
)
@click.argument("model")
@at_option
@click.option("--field", metavar="PATH", help="One price, or a group: text.prompt, cache.")
@source_option
@json_option
@quiet_option
@pass_app
def command(
    app: App, model: str, at: datetime | None, field: str | None, source: str | None, as_json: bool
) -> None:
    """Show the prices of MODEL at a time, and how certain they are.

    observed: good polls around that time agree. bracketed: they differ, the change lies between
    them. gap: a poll failed, was missed or was set aside around it; both sides are shown.
    """
    path = from_person(field) if field is not None else None
    with app.database().read() as transaction:
        answer = price.ask(transaction, source, model, at, path)
    if as_json:
        print_json(answer.as_json())
    else:
        _show(answer)


def _show(answer: PriceAnswer) -> None:
    line(f"{sanitize(answer.model, 600)} of {sanitize(answer.source)} at {when(answer.at)}")
    line(f"{answer.certainty}: {_why(answer)}\n")
    if answer.observed:
        _prices(answer.before)
    else:
        _side("before", answer.before)
        line("")
        _side("after", answer.after)
    _retirement(answer)
    line(f"\nversion {answer.before.version}, head {hash_text(answer.hash)}")


def _why(answer: PriceAnswer) -> str:
    since, until = when(answer.since), when(answer.until)
    if answer.observed:
        return f"seen at {since}" if since == until else f"good polls from {since} to {until} agree"
    if answer.bracketed and answer.after is not None:
        return f"it changed between {when(answer.before.at)} and {when(answer.after.at)}"
    return f"no successful poll covers this time ({sanitize(answer.why or '', 600)})"


def _side(name: str, side: Side | None) -> None:
    if side is None:
        line(f"{name}: no good poll since")
        return
    line(f"{name}, seen {when(side.at)} (version {side.version}):")
    _prices(side)


def _prices(side: Side) -> None:
    if side.prices:
        show(side.prices)
    else:
        line("  listed without prices" if side.visible else "  not visible to this key")


def _retirement(answer: PriceAnswer) -> None:
    """Show when the model is to be retired, where it says so."""
    if answer.before.sunset_at is None:
        return
    # Only now: few models say it.
    from pricetrail.catalog.sunset_dates import date_of  # noqa: PLC0415 - see above
    from pricetrail.text.retirements import retired_on  # noqa: PLC0415 - see above

    sunset = date_of(answer.before.sunset_at)
    if sunset is not None:
        line(f"\n{retired_on(sunset, answer.at)}")
