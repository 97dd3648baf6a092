"""`pricetrail explain`: what became of one event, webhook by webhook."""

import click

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.context import App, pass_app
from pricetrail.help import Command
from pricetrail.options import json_option
from pricetrail.queries import explain
from pricetrail.queries.explain import ExplainAnswer
from pricetrail.render import line, print_json, table, when
from pricetrail.text.sums import counted

# So many webhooks are listed, whatever became of it there.
_MOST = 20


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail explain evt_5c8e              the beginning of an id will do
  pricetrail explain --last --model gpt-5  why was I told, or not?
  pricetrail explain evt_5c8e --json
""",
)
@click.argument("event_id", metavar="[EVENT]", required=False)
@click.option("--last", is_flag=True, help="Instead of EVENT: the last event there is.")
@click.option("--model", metavar="MODEL", help="The last one of this model.")
@click.option("--source", metavar="NAME", help="The last one of this source.")
@json_option
@pass_app
def command(
    app: App,
    event_id: str | None,
    last: bool,
    model: str | None,
    source: str | None,
    as_json: bool,
) -> None:
    """Say for each webhook what became of EVENT, and why.

    It was sent, filtered by which rule, held, silenced, put in a digest, or is dead. EVENT is an
    id of `pricetrail events`, or the beginning of one.
    """
    wants_last = last or model is not None or source is not None
    if wants_last == (event_id is not None):
        raise InvalidInputError("name an EVENT by its id, or say --last, with --model or without")
    hooks = app.open_settings.webhooks.values()
    with app.database().read() as transaction:
        if event_id is not None:
            answer = explain.ask(transaction, event_id, hooks)
        else:
            answer = explain.ask_last(transaction, source, model, hooks)
    if as_json:
        print_json(answer.as_json())
    else:
        _show(answer)


def _show(answer: ExplainAnswer) -> None:
    of = f"{answer.model} of {answer.source}" if answer.model else answer.source
    line(f"{answer.type} {of}, seen by {when(answer.at)}")
    line(f"{answer.id}\n")
    if not answer.fates:
        line("no webhook is configured here that could have received it")
        return
    shown = answer.fates
    if len(shown) > _MOST:
        shown = tuple(fate for fate in shown if fate.rule != "sources")
    table(("webhook", "verdict", "detail"), [(it.webhook, it.verdict, it.detail) for it in shown])
    if left_out := len(answer.fates) - len(shown):
        whose = "whose `sources` leave it out"
        line(f"\nand {counted(left_out, 'webhook')} {whose}: --json lists them")
