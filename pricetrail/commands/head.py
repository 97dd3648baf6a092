"""`pricetrail head`: the head to save elsewhere."""

import click

from pricetrail.context import App, pass_app
from pricetrail.options import json_option, source_option


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
    --head` finds every edit, deletion and reordering before it. Every message carries the head
    of its version too.
    """
    from pricetrail.catalog.errors import NotFoundError
    from pricetrail.catalog.merkle import shown
    from pricetrail.catalog.saved_heads import SavedHead
    from pricetrail.render import line, print_json
    from pricetrail.storage import sources

    with app.database().read() as connection:
        state = sources.choose(connection, source)
    if not state.head_version:
        raise NotFoundError(f"{state.name} has no snapshot yet: run `pricetrail poll`")
    if as_json:
        head = shown(state.head_hash)
        print_json({"source": state.name, "version": state.head_version, "head": head})
    else:
        line(str(SavedHead(state.head_version, state.head_hash)))
