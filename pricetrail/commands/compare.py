"""`pricetrail compare`: the same models at several sources, and who is cheaper."""

from datetime import datetime

import click

from pricetrail.catalog.pointers import from_person
from pricetrail.context import App, pass_app
from pricetrail.help import Command
from pricetrail.options import at_option, json_option, quiet_option
from pricetrail.queries import compare
from pricetrail.render import print_json
from pricetrail.views.compare import show_model, show_models


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail compare        all models that two sources list
  pricetrail compare gpt-5  everybody's prices of one
  pricetrail compare gpt-5 --at 2026-03-01 --json
  pricetrail compare --field text.prompt --source pipellm --source openrouter
""",
)
@click.argument("model", required=False)
@at_option
@click.option("--field", metavar="PATH", help="One price, or a group: text.prompt, cache.")
@click.option(
    "--source", "among", metavar="NAME", multiple=True, help="Only these sources; may be repeated."
)
@json_option
@quiet_option
@pass_app
def command(
    app: App,
    model: str | None,
    at: datetime | None,
    field: str | None,
    among: tuple[str, ...],
    as_json: bool,
) -> None:
    """Compare what sources ask for MODEL, or for all that two list.

    Models are the same where their ids are, or where [aliases] in the configuration joins them: an
    offer says under which other name its source lists the model. Offers are in order of the
    prompt's price, then the completion's, then of others. `since` says when an offer's prices began
    to be what they are.
    """
    path = from_person(field) if field is not None else None
    aliases = app.aliases()
    with app.database().read() as transaction:
        answer = compare.ask(transaction, model, at, path, among, aliases=aliases)
    if as_json:
        print_json(answer.as_json())
    elif model is not None:
        show_model(answer)
    else:
        show_models(answer)
