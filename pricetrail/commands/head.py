"""`pricetrail head`: the head to save elsewhere."""

import click

from pricetrail.context import App, pass_app
from pricetrail.options import json_option, source_option
from pricetrail.queries import head
from pricetrail.render import line, print_json


@click.command(
    epilog="""\b
Examples:
  pricetrail head >> heads.txt                 then keep that file somewhere else
  pricetrail verify --head "$(tail -1 heads.txt)"
"""
)
@source_option
@json_option
@pass_app
def command(app: App, source: str | None, as_json: bool) -> None:
    """Print the head of the chain, to be saved elsewhere.

    It is VERSION:sha256:…, to save where nobody can change both. With it, `pricetrail verify
    --head` finds every edit, deletion and reordering before it. Messages carry the head of
    their version too; those for chats its first 16 digits.
    """
    with app.database().read() as transaction:
        answer = head.ask(transaction, source)
    if as_json:
        print_json(answer.as_json())
    else:
        line(str(answer.saved))
