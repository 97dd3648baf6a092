"""`pricetrail webhooks add` and `remove`: webhooks that the database keeps."""

import os
import sys
from collections.abc import Mapping, Sequence

import click

from pricetrail.catalog.errors import InvalidInputError, NotFoundError, PricetrailError
from pricetrail.commands.sources_add import given_table
from pricetrail.context import App, pass_app
from pricetrail.help import Command
from pricetrail.jobs.deliveries.removing import Left
from pricetrail.jobs.deliveries.removing import remove as remove_kept
from pricetrail.options import json_option
from pricetrail.render import line, note, print_json
from pricetrail.settings.checks import about_filters
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.files import Raw
from pricetrail.settings.keys import WEBHOOK, WEBHOOKS
from pricetrail.settings.references import MissingError, is_reference, resolved
from pricetrail.settings.storing import Storing, UnkeepableError, as_text
from pricetrail.settings.tables import raw_of, tables_of
from pricetrail.settings.webhooks import webhook_of
from pricetrail.settings.where import Where
from pricetrail.storage.outbox import kept_webhooks
from pricetrail.text.sums import counted

_SEEN = (
    "others on this machine can read a command line: write env:NAME or file:PATH, or give the "
    "address with --url-stdin"
)


@click.command(
    "add",
    cls=Command,
    epilog="""\b
Examples:
  pricetrail webhooks add prices --url env:HOOK --set secrets=env:HOOK_SECRET
  pricetrail webhooks add chat --url file:slack.url --format slack
  pricetrail webhooks add search --url env:HOOK --set min_percent=5 \\
      --set sources='["team=search"]'
  pass show slack | pricetrail webhooks add chat --url-stdin --format slack
""",
)
@click.argument("name")
@click.option("--url", metavar="REF", help="Where its address is: env:NAME or file:PATH.")
@click.option("--url-stdin", is_flag=True, help="Read the address from standard input, encrypt it.")
@click.option("--format", "format_", help="What its receiver takes; json if left out.")
@click.option(
    "--set",
    "pairs",
    metavar="KEY=VALUE",
    multiple=True,
    help="Any other key of [webhooks.NAME], as often as needed.",
)
@json_option
@pass_app
def add(
    app: App,
    name: str,
    url: str | None,
    url_stdin: bool,
    format_: str | None,
    pairs: tuple[str, ...],
    as_json: bool,
) -> None:
    """Keep a webhook NAME in the database, beside those of the configuration.

    Its keys are those of [webhooks.NAME], each as --set KEY=VALUE. Its address is asked for, where
    nothing says where it is, and encrypted by the first key of PRICETRAIL_SECRET_KEYS. It is owed
    what happens from now on; `run` notices it by itself. To change it, remove it and add it anew.
    """
    table = given_table(WEBHOOK, {"url": url, "format": format_}, pairs, _SEEN)
    if url_stdin and "url" in table:
        raise InvalidInputError("--url-stdin and --url both give the address: leave one out")
    if "url" not in table:
        table["url"] = _address(name, url_stdin=url_stdin)
    text = _checked(app, name, table)
    with app.database(create=True).write() as transaction:
        if not kept_webhooks.add(transaction, name, text):
            raise InvalidInputError(
                f"{name} is in the database already: to change it, "
                f"`pricetrail webhooks remove {name}`, then add it anew"
            )
    _note_filters(app, name)
    if as_json:
        print_json({"webhook": name, "added": True})
    else:
        line(f"{name} is kept in the database; to try it: pricetrail webhooks test {name}")


def _address(name: str, *, url_stdin: bool) -> str:
    """The address, from standard input or a person."""
    if url_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise InvalidInputError(
            f"where is the address of {name}? Write --url env:NAME, or give it with --url-stdin"
        )
    return str(click.prompt(f"address of {name}", hide_input=True, err=True))


def _checked(app: App, name: str, table: Mapping[str, object]) -> str:
    """What is to be kept, once nothing is wrong with it.

    Raises:
        SettingsError: everything that is wrong, or a secret that may not be kept as it is.
    """
    raw = raw_of(app.config, os.environ)
    where = Where(Raw("", {}, raw.folder, from_file=True), WEBHOOKS, name, f"webhook {name}")
    if name in dict(tables_of(raw, WEBHOOKS)):
        words = f"is in {raw.origin} already, which holds: change it there"
        raise SettingsError(where.problem("", words))
    missing = _missing(where, table)
    _, problems = webhook_of(where, table, os.environ, secrets=not missing)
    if problems:
        raise SettingsError(*problems)
    if missing:
        note(f"not to be had on this machine, but needed where it delivers: {', '.join(missing)}")
    try:
        return as_text(Storing(WEBHOOK, raw.folder, os.environ).table(where, table))
    except UnkeepableError as error:
        raise SettingsError(error.where.problem(error.key, error.text)) from None


def _missing(where: Where, table: Mapping[str, object]) -> list[str]:
    """The references of secrets that lead nowhere on this machine."""
    found = []
    for key, given in table.items():
        for value in given if isinstance(given, list) else [given]:
            if WEBHOOK[key].secret and is_reference(value):
                try:
                    resolved(value, where.raw.folder, os.environ)
                except MissingError:
                    found.append(str(value))
    return found


def _note_filters(app: App, name: str) -> None:
    """Say what of its filters may be a mistake: it was kept all the same."""
    found = about_filters(app.open_settings, app.unchecked_database().url, [name])
    for problem in (*found.errors, *found.warnings):
        note(f"warning: {problem}")


@click.command(
    "remove",
    cls=Command,
    epilog="""\b
Examples:
  pricetrail webhooks remove prices
  pricetrail webhooks remove prices --json
""",
)
@click.argument("name")
@json_option
@pass_app
def remove(app: App, name: str, as_json: bool) -> None:
    """Keep webhook NAME in the database no more.

    What it is still owed is cancelled, and said; what it got stays in `deliveries list`. One of
    the configuration is removed there.
    """
    in_file = name in dict(tables_of(raw_of(app.config, os.environ), WEBHOOKS))
    database = app.database()
    with database.write() as transaction:
        if kept_webhooks.settings_of(transaction, name) is None:
            raise _not_kept(name, list(kept_webhooks.settings(transaction)), in_file=in_file)
        if in_file:
            kept_webhooks.drop(transaction, name)
            left = Left()
        else:
            left = remove_kept(transaction, name, database.now())
    if as_json:
        counts = {"cancelled": left.messages, "gathered": left.gathered}
        print_json({"webhook": name, "removed": True, **counts})
    elif in_file:
        line(f"{name} is the configuration's alone now")
    else:
        line(f"{name} is removed{_in_words(left)}")


def _not_kept(name: str, there: Sequence[str], *, in_file: bool) -> PricetrailError:
    """Why one that the database does not keep cannot be removed here."""
    if in_file:
        remedy = f"take [{WEBHOOKS}.{name}] out of it"
        return InvalidInputError(f"{name} is in the configuration: {remedy}")
    kept = ", ".join(there) or "none"
    return NotFoundError(f"no webhook {name!r} is kept in the database; there are: {kept}")


def _in_words(left: Left) -> str:
    """What it was owed, where it was owed anything."""
    parts = []
    if left.messages:
        waiting = counted(left.messages, "message that was waiting", "messages that were waiting")
        parts.append(f"{waiting} cancelled")
    if left.gathered:
        parts.append(f"{counted(left.gathered, 'event')} gathered for its digest dropped")
    return f": {', '.join(parts)}" if parts else ""
