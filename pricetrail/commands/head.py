"""`pricetrail head`: the head to save elsewhere."""

import click

from pricetrail.context import App, pass_app
from pricetrail.help import Command
from pricetrail.options import json_option
from pricetrail.queries import head
from pricetrail.queries.head import HeadsAnswer
from pricetrail.render import line, print_json


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail head >> heads.txt  then keep that file somewhere else
  pricetrail verify --head "$(tail -1 heads.txt)"
""",
)
@click.option("--source", metavar="NAME", help="Only this one's; by default every source's.")
@json_option
@pass_app
def command(app: App, source: str | None, as_json: bool) -> None:
    """Print the head of the chain, to be saved elsewhere.

    It is VERSION:sha256:…, to save where nobody can change both. With it, `pricetrail verify
    --head` finds every edit, deletion and reordering before it. Messages carry the head of
    their version too; those for chats its first 16 digits. Where there are several sources,
    each line begins with one's name.
    """
    with app.database().read() as transaction:
        if source is not None:
            found = HeadsAnswer((head.ask(transaction, source),))
        else:
            found = head.ask_all(transaction)
    several = len(found.heads) > 1
    if as_json:
        print_json(found.as_json() if several else found.heads[0].as_json())
        return
    for one in found.heads:
        # The head last, so that the last word of a line is what `verify --head` takes.
        line(f"{one.source} {one.saved}" if several else str(one.saved))
