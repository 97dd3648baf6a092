"""`pricetrail check-map`: does the map of prices that you have agree with your gateway?"""

from datetime import datetime
from pathlib import Path

import click

from pricetrail.catalog.errors import FailedError, InvalidInputError
from pricetrail.context import App, pass_app
from pricetrail.help import Command
from pricetrail.options import TIME, json_option, quiet_option, source_option
from pricetrail.queries import check_map, price_maps
from pricetrail.queries.formats.registry import FORMATS
from pricetrail.queries.map_names import Names
from pricetrail.render import print_json
from pricetrail.text.renames import Rename, parse_rename
from pricetrail.text.sums import counted
from pricetrail.views.check_map import show_check, show_check_notes


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail check-map prices.json --as litellm
  pricetrail check-map prices.json --as litellm --model 'openai/*=*'
  pricetrail check-map api.json --as models.dev --model 'openrouter/*=*'
  pricetrail check-map data.json.gz --as genai-prices --at 2026-03-01 --json
""",
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--as",
    "form",
    type=click.Choice(FORMATS),
    required=True,
    help="Whose format the file has.",
)
@click.option(
    "--model",
    "renames",
    metavar="OLD=NEW",
    multiple=True,
    help="What a name in FILE is at the gateway, as globs: 'openai/*=*'; the first that matches.",
)
@click.option(
    "--at",
    type=TIME,
    metavar="TIME",
    help="The gateway's prices as of this time, such as 2026-03-01; by default as last seen.",
)
@source_option
@json_option
@quiet_option
@pass_app
def command(
    app: App,
    file: Path,
    form: str,
    renames: tuple[str, ...],
    at: datetime | None,
    source: str | None,
    as_json: bool,
) -> None:
    """Check whether the prices in FILE are those of the gateway.

    FILE is a map of prices that another tool reads, plain or compressed. Shown is each price that
    differs, since when the gateway's is what it is, and until when the map's was right. Compared is
    what a request costs, not how it is written; what one of both does not list is no difference.
    Exit code 1 where a price differs, 3 where no model is in both.
    """
    names = Names(tuple(map(_rename, renames)), app.aliases().names)
    price_map = price_maps.read(file, form)
    with app.database().read() as transaction:
        answer = check_map.ask(transaction, source, price_map, at, names)
    if as_json:
        print_json(answer.as_json())
    else:
        show_check(answer)
    show_check_notes(answer)
    if not answer.agrees:
        differ = counted(len(answer.differences), "model")
        raise FailedError(f"{file} and {answer.source} differ in {differ}")


def _rename(text: str) -> Rename:
    try:
        return parse_rename(text)
    except ValueError as error:
        raise InvalidInputError(f"--model {error}") from None
