"""`pricetrail sources`: the sources and how they are."""

import os
import sys
from datetime import datetime

import click

from pricetrail.catalog.errors import FailedError, InvalidInputError, NotFoundError
from pricetrail.commands.sources_add import add
from pricetrail.commands.sources_apply import apply
from pricetrail.context import App, pass_app
from pricetrail.help import Group
from pricetrail.jobs import administration
from pricetrail.jobs.administration import Removed
from pricetrail.options import json_option
from pricetrail.queries import sources as query
from pricetrail.queries.answers import DATABASE
from pricetrail.queries.conditions import condition
from pricetrail.queries.source_selection import Selection
from pricetrail.queries.sources import SourceHealth, SourcesAnswer
from pricetrail.render import Column, line, note, print_json, table
from pricetrail.settings.checks import in_both
from pricetrail.settings.shown import Shown, in_words
from pricetrail.settings.tables import raw_of
from pricetrail.storage import kept_sources, sources

# So many are in a table, unless somebody says otherwise.
_SHOWN = 100


class Label(click.ParamType[tuple[str, str]]):
    """`NAME=VALUE`."""

    name = "NAME=VALUE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """The name and the value; click calls it again with what it gave."""
        if isinstance(value, tuple):
            name, text = value
            return name, text
        label, is_one, wanted = str(value).partition("=")
        if not (label and is_one):
            self.fail("write NAME=VALUE, such as team=search", param, ctx)
        return label, wanted


@click.group(
    cls=Group,
    epilog="""\b
Examples:
  pricetrail sources list
  pricetrail sources list --label team=search --name 'shop-*'
  pricetrail sources add shop --api-key env:SHOP_KEY
  pricetrail sources apply shops.csv      thousands at once, the plan first
  pricetrail sources pause pipellm        `run` leaves it alone until `resume`
  pricetrail sources resume pipellm
  pricetrail sources rename pipellm main  then in the configuration, too
  pricetrail sources show shop            its keys; secrets are not shown
  pricetrail sources remove trial         says what goes, and asks
  pricetrail sources remove trial --keep-history
""",
)
def command() -> None:
    """The sources that are known, and their health."""


command.add_command(add)
command.add_command(apply)


@command.command("list")
@click.option("--name", metavar="GLOB", help="Only those whose name matches, such as 'shop-*'.")
@click.option(
    "--label",
    "labels",
    type=Label(),
    multiple=True,
    help="Only those with this label, such as team=search; may be repeated.",
)
@click.option("--limit", type=click.IntRange(1), help="So many; in a table 100 by default.")
@json_option
@pass_app
def list_(
    app: App,
    name: str | None,
    labels: tuple[tuple[str, str], ...],
    limit: int | None,
    as_json: bool,
) -> None:
    """Show the sources.

    Where there are more than are shown, those that fail come first, then those with a catalog in
    quarantine, then those that are overdue; --json has all by name, whatever their number.
    """
    database, configured = app.database(), app.own_sources()
    _note_twice(app)
    if as_json:
        chosen = Selection(name, dict(labels), limit=limit)
        print_json(query.stream(database, configured, chosen).in_pieces())
        return
    now = database.now()
    with database.read() as transaction:
        answer = query.most_urgent(
            transaction, now, configured, Selection(name, dict(labels), limit=limit or _SHOWN)
        )
    _show(answer, now)
    more = answer.total - len(answer.sources)
    if more:
        note(f"… and {more:,} more: narrow it with --name or --label, or raise --limit")


def _show(answer: SourcesAnswer, now: datetime) -> None:
    columns: list[Column | str] = [
        Column("name", names=True),
        Column("version", drop=1),
        Column("last good", recent=True),
        Column("last poll", drop=3, recent=True),
        Column("failures", drop=2),
        "state",
    ]
    rows = [_row(source, now) for source in answer.sources]
    # What would be the same for all is left out.
    if any(source.origin == DATABASE for source in answer.sources):
        columns.append(Column("from", drop=5))
        rows = [(*row, one.origin) for row, one in zip(rows, answer.sources, strict=True)]
    if any(source.labels for source in answer.sources):
        columns.append(Column("labels", drop=4))
        rows = [(*row, _labels(one)) for row, one in zip(rows, answer.sources, strict=True)]
    table(columns, rows)


@command.command("show")
@click.argument("name")
@json_option
@pass_app
def show(app: App, name: str, as_json: bool) -> None:
    """Show what is written of source NAME, and where.

    A secret is shown as where it is, `env:NAME` or `file:PATH`, or that it is encrypted.
    """
    shown = Shown(app.open_settings, app.config, os.environ)
    own = [one for one in shown.entries() if one.key.startswith(f"sources.{name}.")]
    with app.unchecked_database().read() as transaction:
        text = None if own else kept_sources.settings_of(transaction, name)
    if text is None and not own:
        raise NotFoundError(f"no source {name!r} in the configuration or the database")
    entries = own or list(shown.kept({name: text or ""}))
    if as_json:
        print_json({"source": name, "settings": [entry.as_json() for entry in entries]})
    else:
        rows = [(entry.key.removeprefix(f"sources.{name}."), entry) for entry in entries]
        table(("key", "value", "from"), [(key, in_words(it.value), it.where) for key, it in rows])


@command.command("pause")
@click.argument("name")
@json_option
@pass_app
def pause(app: App, name: str, as_json: bool) -> None:
    """Let `run` leave a source alone."""
    _set_paused(app, name, paused=True, as_json=as_json)


@command.command("resume")
@click.argument("name")
@json_option
@pass_app
def resume(app: App, name: str, as_json: bool) -> None:
    """Let `run` poll a source again."""
    _set_paused(app, name, paused=False, as_json=as_json)


@command.command("rename")
@click.argument("old")
@click.argument("new")
@json_option
@pass_app
def rename(app: App, old: str, new: str, as_json: bool) -> None:
    """Call source OLD NEW, with all of its history.

    Its chain goes on with the name that it began with, so that `verify` passes and bundles that
    were given away still prove what they did. One that the configuration has is to be renamed
    there as well.
    """
    own = app.own_sources() or {}
    with app.database().write() as transaction:
        is_kept = kept_sources.settings_of(transaction, old) is not None
        if is_kept and new in own:
            raise InvalidInputError(f"the configuration has a source {new!r}: choose another name")
        answer = administration.rename_source(transaction, old, new)
    if as_json:
        print_json(answer.as_json())
    else:
        line(f"{old} is called {new} now")
    for words in administration.after_rename(answer, {*own, new} if is_kept else own):
        note(words)


@command.command("remove")
@click.argument("name")
@click.option(
    "--keep-history", is_flag=True, help="Only drop what the database keeps of its settings."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@pass_app
def remove(app: App, name: str, keep_history: bool, yes: bool, as_json: bool) -> None:
    """Delete a source with everything that was ever recorded of it.

    It says what goes and asks, on a terminal; elsewhere it wants --yes. What stays is the head of
    its chain. With --keep-history a source of the database is polled no more, and all that was
    recorded of it can be asked for still.
    """
    if keep_history:
        _drop(app, name, as_json=as_json)
        return
    database = app.database()
    with database.read() as transaction:
        doomed = administration.holdings(transaction, name)
    if not yes:
        _ask(doomed)
    with database.write(long=True) as transaction:
        gone = administration.remove(transaction, name, database.now())
    if as_json:
        print_json(gone.as_json())
    else:
        line(f"deleted: {gone.in_words()}")
    if name in (app.own_sources() or ()):
        note(f"{name} is still in the configuration: its next poll begins a new history")


def _note_twice(app: App) -> None:
    """Say which sources are in the configuration and in the database."""
    with app.database().read() as transaction:
        twice = kept_sources.among(transaction, list(app.own_sources() or ()))
    for name in twice:
        note(str(in_both(raw_of(app.config, os.environ), name)))


def _drop(app: App, name: str, *, as_json: bool) -> None:
    """Keep a source no more.

    Raises:
        NotFoundError: there is no such source.
        InvalidInputError: it is the configuration's alone.
    """
    own = app.own_sources() or {}
    with app.database().write() as transaction:
        sources.choose(transaction, name)
        is_kept = kept_sources.settings_of(transaction, name) is not None
        if not is_kept and name in own:
            remedy = f"take [sources.{name}] out of it; its history stays"
            raise InvalidInputError(f"{name} is in the configuration: {remedy}")
        kept_sources.drop(transaction, [name])
    if as_json:
        print_json({"source": name, "dropped": is_kept})
    elif not is_kept:
        line(f"{name} is not in the configuration as it is; its history stays")
    elif name in own:
        line(f"{name} is the configuration's alone now")
    else:
        line(f"{name} is polled no more; what was recorded of it stays")


def _ask(doomed: Removed) -> None:
    """Ask a person whether it is to go.

    Raises:
        InvalidInputError: there is nobody to ask.
        FailedError: they would rather not.
    """
    note(f"this deletes {doomed.source} for good: {doomed.in_words()}")
    note(f"to keep it: pricetrail export observations --source {doomed.source} -o FILE")
    if not sys.stdin.isatty():
        raise InvalidInputError(f"say --yes to delete {doomed.source}: there is nobody to ask")
    if not click.confirm("Delete it?", err=True):
        raise FailedError(f"{doomed.source} was left as it is")


def _set_paused(app: App, name: str, *, paused: bool, as_json: bool) -> None:
    with app.database().write() as transaction:
        state = sources.choose(transaction, name)
        sources.set_paused(transaction, state.id, paused)
    if as_json:
        print_json({"source": name, "paused": paused, "changed": state.paused != paused})
    else:
        line(f"{name} {'paused' if paused else 'resumed'}")


def _labels(source: SourceHealth) -> str | None:
    return ", ".join(f"{name}={value}" for name, value in source.labels.items()) or None


def _row(source: SourceHealth, now: datetime) -> tuple[object, ...]:
    times = source.last_good, source.last_poll
    words = condition(source, now).words
    return (source.name, source.version, *times, source.failures, words)
