"""`pricetrail convert`: what a gateway's own list becomes."""

from pathlib import Path

import click

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.readers import Reader
from pricetrail.dialects import DIALECT
from pricetrail.help import Command
from pricetrail.jobs.imports import single
from pricetrail.options import json_option
from pricetrail.queries import conversion
from pricetrail.render import note, raw_json
from pricetrail.views.conversion import show, tell


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  curl -s $URL | pricetrail convert --dialect openrouter -
  pricetrail convert --dialect together models.json.gz --all
  pricetrail convert --dialect litellm prices.json --json | jq .total
""",
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--dialect", type=DIALECT, required=True, help="How the list is written: openrouter.")
@click.option(
    "--keep",
    multiple=True,
    metavar="POINTER",
    help="A native field to keep besides, such as /architecture; may be given again.",
)
@click.option("--all", "all_of_it", is_flag=True, help="Name every field and model, not a few.")
@json_option
def command(
    file: Path, dialect: str, keep: tuple[str, ...], all_of_it: bool, as_json: bool
) -> None:
    """Show what a gateway's list becomes, and what was not understood.

    FILE is the list as it was served (plain, .gz, .xz or .zst; - is stdin), or JSON lines of
    observations, of which the last one counts. Nothing is stored, and no database needed. With
    --json the list in the unified schema is on stdout, and what is to be said of it on stderr.
    """
    listed = single.read(file)
    answer = conversion.ask(listed.body, Reader(dialect, keep))
    if as_json:
        raw_json(answer.text)
        tell(answer, note, all_of_it=all_of_it)
    else:
        show(answer, all_of_it=all_of_it)
    if not answer.models:
        raise NotFoundError(f"{listed.origin} lists no model")
