"""`pricetrail sources add`: one more source, kept in the database."""

import sys
from collections.abc import Mapping, Sequence

import click

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.commands.sources_apply import note_missing, planner_of
from pricetrail.context import App, pass_app
from pricetrail.help import Command
from pricetrail.jobs.keeping import carry_out
from pricetrail.options import json_option
from pricetrail.render import line, print_json
from pricetrail.settings.files import Raw
from pricetrail.settings.keys import SOURCE, SOURCES, Keys
from pricetrail.settings.problems import near
from pricetrail.settings.references import is_reference, is_sealed
from pricetrail.settings.source_files import Listed, table_of
from pricetrail.settings.storing import is_secret
from pricetrail.settings.where import Where
from pricetrail.storage import kept_sources

_SEEN = (
    "others on this machine can read a command line: write env:NAME or file:PATH, or list the "
    "source in a file for `pricetrail sources apply`"
)


@click.command(
    "add",
    cls=Command,
    epilog="""\b
Examples:
  pricetrail sources add shop --api-key env:SHOP_KEY
  pricetrail sources add open --set auth=none --url https://gw.example/models
  pricetrail sources add eu --api-key file:eu.key --set schedule='@hourly' \\
      --set labels.team=search --set keep='["/architecture"]'
  pass show shop | pricetrail sources add shop --key-stdin
""",
)
@click.argument("name")
@click.option("--url", help="Its list of models; PipeLLM's where it is left out.")
@click.option("--api-key", metavar="REF", help="Where its key is: env:NAME or file:PATH.")
@click.option("--key-stdin", is_flag=True, help="Read the key from standard input, encrypt it.")
@click.option(
    "--set",
    "pairs",
    metavar="KEY=VALUE",
    multiple=True,
    help="Any other key of [sources.NAME], as often as needed.",
)
@json_option
@pass_app
def add(
    app: App,
    name: str,
    url: str | None,
    api_key: str | None,
    key_stdin: bool,
    pairs: tuple[str, ...],
    as_json: bool,
) -> None:
    """Keep a source NAME in the database, beside those of the configuration.

    Its keys are those of [sources.NAME], each as --set KEY=VALUE. Its API key is asked for, where
    nothing says where it is, and encrypted by the first key of PRICETRAIL_SECRET_KEYS. `run` polls
    it from now on. To change it later, apply a file.
    """
    table = given_table(SOURCE, {"url": url, "api_key": api_key}, pairs, _SEEN)
    if key_stdin and "api_key" in table:
        raise InvalidInputError("--key-stdin and --api-key both give the key: leave one out")
    if "api_key" not in table and table.get("auth") != "none":
        table["api_key"] = _key(name, key_stdin=key_stdin)
    database = app.database(create=True)
    planner = planner_of(app)
    with database.read() as transaction:
        kept = kept_sources.settings_of(transaction, name)
    if kept is not None:
        raise InvalidInputError(
            f"{name} is in the database already: to change it, `pricetrail sources apply FILE`"
        )
    where = Where(Raw("", {}, planner.folder, from_file=True), SOURCES, name, f"source {name}")
    plan = planner.plan([Listed(where, table)], {})
    note_missing(plan)
    carry_out(database, plan.changes)
    if as_json:
        print_json({"source": name, "added": True})
    else:
        line(f"{name} is kept in the database; to poll it now: pricetrail poll {name}")


def given_table(
    keys: Keys, options: Mapping[str, str | None], pairs: Sequence[str], seen: str
) -> dict[str, object]:
    """What the options say, as a table.

    Args:
        options: the values of keys with an option of their own; None where it was not given.
        pairs: each a `KEY=VALUE`.
        seen: what to do about a secret that stands on the command line.

    Raises:
        InvalidInputError: a key that nobody knows, one that is given twice, or a secret in
            plain text.
    """
    cells = {key: value for key, value in options.items() if value is not None}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise InvalidInputError("--set takes KEY=VALUE, such as --set timezone=Europe/Berlin")
        first = key.partition(".")[0]
        if first not in keys or (first != key and first != "labels"):
            raise InvalidInputError(f"--set {key}: unknown key{near(first, keys)}")
        if key in cells:
            raise InvalidInputError(f"{key} is given twice: leave one out")
        cells[key] = value
    table = table_of(cells)
    for key, given in table.items():
        members = given if isinstance(given, list) else [given]
        plain = [it for it in members if not (is_reference(it) or is_sealed(it))]
        if any(is_secret(key, keys[key], it) for it in plain):
            raise InvalidInputError(f"{key}: {seen}")
    return table


def _key(name: str, *, key_stdin: bool) -> str:
    """The key, from standard input or a person."""
    if key_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise InvalidInputError(
            f"where is the key of {name}? Write --api-key env:NAME, or give it with --key-stdin"
        )
    return str(click.prompt(f"API key of {name}", hide_input=True, err=True))
