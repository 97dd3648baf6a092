"""`pricetrail explain`: what became of one event, webhook by webhook."""

import click

from pricetrail.context import App, pass_app
from pricetrail.help import Command
from pricetrail.options import json_option
from pricetrail.queries import explain
from pricetrail.render import line, print_json, table, when


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail explain evt_5c8e…
  pricetrail explain evt_5c8e… --json
""",
)
@click.argument("event_id", metavar="EVENT")
@json_option
@pass_app
def command(app: App, event_id: str, as_json: bool) -> None:
    """Say for each webhook what became of EVENT, and why.

    It was sent, filtered by which rule, held, silenced, put in a digest, or is dead.
    """
    with app.database().read() as transaction:
        answer = explain.ask(transaction, event_id, app.open_settings.webhooks)
    if as_json:
        print_json(answer.as_json())
        return
    of = f"{answer.model or ''} of {answer.source}"
    line(f"{answer.type} {of}, seen by {when(answer.at)}\n")
    fates = [(fate.webhook, fate.verdict, fate.detail) for fate in answer.fates]
    table(("webhook", "verdict", "detail"), fates)
