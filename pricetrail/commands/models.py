"""`pricetrail models`: the catalog, now or as of a time."""

from datetime import datetime

import click

from pricetrail.context import App, pass_app
from pricetrail.help import Command
from pricetrail.options import TIME, json_option, source_option
from pricetrail.queries import models
from pricetrail.queries.models import ListedModel, ModelsAnswer
from pricetrail.render import Column, line, raw_json, table, when
from pricetrail.text.retirements import date_words
from pricetrail.text.sums import counted
from pricetrail.views.prices import headline, rows_of

_PROMPT, _COMPLETION = "/pricing/text/prompt", "/pricing/text/completion"


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail models
  pricetrail models --at 2026-03-01
  pricetrail models --at yesterday
  pricetrail models --json | jq '.data[].id'
""",
)
@click.option(
    "--at",
    type=TIME,
    metavar="TIME",
    help="As of this time: 2026-03-01, '2026-03-01 12:00' (UTC), yesterday, 3d (ago).",
)
@source_option
@json_option
@pass_app
def command(app: App, at: datetime | None, source: str | None, as_json: bool) -> None:
    """Show the catalog as it was last seen, or as of a time.

    With --json in the gateway's own shape (object, data, total), each model as it was served.
    """
    with app.database().read() as transaction:
        answer = models.ask(transaction, source, at)
    if as_json:
        raw_json(answer.as_text())
    else:
        _show(answer)


def _show(answer: ModelsAnswer) -> None:
    if answer.states:
        table(
            (
                Column("model", names=True),
                Column("type", drop=1, names=True),
                "prompt /1M",
                "completion /1M",
                Column("other prices", drop=2),
            ),
            [_row(model, answer.at) for model in answer.models()],
        )
    else:
        line("the catalog was empty")
    line(
        f"\n{counted(len(answer.states), 'model')} of {answer.source}, version {answer.version}, "
        f"first seen {when(answer.first_seen)}"
    )


def _row(model: ListedModel, at: datetime) -> tuple[object, ...]:
    rest = [price for price in model.prices if price.path not in (_PROMPT, _COMPLETION)]
    others = [] if model.sunset is None else [f"to be retired on {date_words(model.sunset)}"]
    others += [f"{name} {words}" for name, words, _ in rows_of(rest[:2])]
    if len(rest) > 2:
        others.append(f"and {len(rest) - 2} more")
    return (
        model.id,
        model.type_target,
        headline(model.prices, _PROMPT, at),
        headline(model.prices, _COMPLETION, at),
        ", ".join(others),
    )
