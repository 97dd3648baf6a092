"""`pricetrail whatif`: the same usage on another model."""

from contextlib import closing
from datetime import datetime
from pathlib import Path

import click

from pricetrail.audit.pricer import Pricer
from pricetrail.audit.usage.files import UsageTable
from pricetrail.audit.usage.options import ReadingOptions
from pricetrail.audit.what_if import parse_swaps, what_if
from pricetrail.context import App, pass_app
from pricetrail.files.spools import Spool, object_pieces
from pricetrail.help import Command
from pricetrail.options import (
    TIME,
    json_option,
    noting_the_future,
    quiet_option,
    source_option,
)
from pricetrail.render import print_pieces, progress
from pricetrail.usage_options import usage_options
from pricetrail.views.reading import show_reading
from pricetrail.views.what_if import show_what_if, show_what_if_notes


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail whatif usage.csv --swap gpt-5=gpt-5-mini
  pricetrail whatif usage.csv --swap a=b --swap c=b --at 2026-11-01
""",
)
@click.argument("usage", metavar="USAGE", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--swap", "swaps", metavar="A=B", multiple=True, required=True, help="Use B instead of A."
)
@click.option(
    "--at",
    type=TIME,
    metavar="TIME",
    callback=noting_the_future,
    help="Price all rows as of then (2026-11-01, 3d ago), not as of their own times.",
)
@usage_options
@json_option
@source_option
@quiet_option
@pass_app
def command(
    app: App,
    usage: Path,
    swaps: tuple[str, ...],
    at: datetime | None,
    reading: ReadingOptions,
    as_json: bool,
    source: str | None,
) -> None:
    """Show what USAGE costs, and would cost with other models.

    Each row is priced as of its time. A row that the other model cannot price is listed, and is
    in neither sum.
    """
    wanted, table = parse_swaps(swaps), UsageTable(usage, reading)
    size = table.size
    aliases = app.aliases()
    pricer = Pricer.of(app.database(), source, aliases)
    for model in wanted.values():
        pricer.require(model)
    with closing(Spool()) as unpriced:
        with progress(f"reading {usage.name}", size) as bar:
            rows = table.read(bar.advance)
            answer = what_if(pricer, rows, wanted, at, unpriced if as_json else None, aliases)
        if as_json:
            print_pieces(object_pieces(answer.as_json(), {"unpriced": unpriced}))
        else:
            show_what_if(answer)
    show_reading(table.reading)
    show_what_if_notes(answer)
