"""`pricetrail diff`: what lies between two versions."""

from datetime import datetime

import click

from pricetrail.context import App, pass_app
from pricetrail.help import Command
from pricetrail.options import REVISION, json_option, source_option
from pricetrail.prices import change_words
from pricetrail.queries import diff
from pricetrail.queries.diff import DiffAnswer
from pricetrail.queries.revisions import require_form
from pricetrail.render import Column, line, print_json, table
from pricetrail.text.price_order import prompt_first


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail diff latest~1 latest         what the last version changed
  pricetrail diff baseline latest         all that ever changed, in sum
  pricetrail diff 2026-03-01 2026-04-01   between two times
  pricetrail diff 7d latest               what the last seven days brought
  pricetrail diff 17 42 --json
""",
)
@click.argument("a", type=REVISION, metavar="A")
@click.argument("b", type=REVISION, metavar="B")
@source_option
@json_option
@pass_app
def command(
    app: App, a: str | datetime, b: str | datetime, source: str | None, as_json: bool
) -> None:
    """Compare the catalogs A and B.

    Each is a version, a time, latest, latest~3 or baseline. A time is 2026-03-01, '2026-03-01
    12:00' (UTC), yesterday or 3d (ago); a bare number is a version.
    """
    require_form(a)
    require_form(b)
    with app.database().read() as transaction:
        answer = diff.ask(transaction, source, a, b)
    if as_json:
        print_json(answer.as_json())
    else:
        _show(answer)


def _show(answer: DiffAnswer) -> None:
    rows: list[tuple[str, str, str]] = []
    for kind, models in (("repriced", answer.repriced), ("updated", answer.updated)):
        for item in models:
            first, *rest = [change_words(change) for change in prompt_first(item.changes)]
            rows.append((kind, item.model, first))
            rows += [("", "", words) for words in rest]
    rows += [("added", model, "") for model in answer.added]
    rows += [("no longer visible", model, "") for model in answer.removed]
    between = f"version {answer.a} and version {answer.b}"
    if not rows:
        line(f"{between} hold the same catalog")
        return
    table(("what", Column("model", names=True), "change"), rows)
    line(
        f"\nbetween {between}: {len(answer.repriced)} repriced, {len(answer.updated)} updated, "
        f"{len(answer.added)} added, {len(answer.removed)} removed"
    )
