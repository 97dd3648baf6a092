"""`pricetrail db`: migrations, a consistent copy, retention, room, and the move elsewhere."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import click

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.commands.migrate_to import migrate_to
from pricetrail.commands.reseal import reseal
from pricetrail.context import App, announcing_a_new_file, pass_app
from pricetrail.files.atomic import STDOUT
from pricetrail.help import Group
from pricetrail.jobs import maintenance
from pricetrail.options import DURATION, force_option, json_option, quiet_option
from pricetrail.queries import schema as query
from pricetrail.render import line, print_json, progress
from pricetrail.storage import schema
from pricetrail.storage.backup import backup
from pricetrail.storage.errors import SchemaVersionError
from pricetrail.targets import allowed, output
from pricetrail.text.sums import counted


@click.group(
    cls=Group,
    epilog="""\b
Examples:
  pricetrail db current
  pricetrail db upgrade
  pricetrail db backup prices-2026-11-23.db
  pricetrail db prune --polls 30d --bodies 1y
  pricetrail db compact
  pricetrail db migrate-to env:NEW_DATABASE_URL
  pricetrail db reseal                 once PRICETRAIL_SECRET_KEYS begins anew
""",
)
def command() -> None:
    """Look after the database."""


command.add_command(migrate_to)
command.add_command(reseal)


@command.command("current")
@json_option
@pass_app
def current(app: App, as_json: bool) -> None:
    """Show the schema's version, and the one that this program needs."""
    answer = query.ask(app.unchecked_database())
    if as_json:
        print_json(answer.as_json())
    else:
        has = answer.schema or "none yet"
        line(f"{answer.database}: schema {has}; this program needs {answer.needed}")


@command.command("upgrade")
@json_option
@pass_app
def upgrade(app: App, as_json: bool) -> None:
    """Create the database, or bring it to the schema that this program needs.

    An SQLite file is copied beside itself first.
    """
    database = app.unchecked_database()
    before = schema.current(database)
    copy = None
    if before != schema.HEAD:
        schema.require_way(before)
        if before is not None and database.sqlite_path is not None:
            copy = str(_copy_beside(app, before))
        with announcing_a_new_file(database):
            schema.upgrade(database)
    upgraded = query.Upgraded(database.safe_url, before, schema.HEAD, copy)
    if as_json:
        print_json(upgraded.as_json())
    else:
        for words in upgraded.in_words():
            line(words)


def _copy_beside(app: App, version: str) -> Path:
    database = app.unchecked_database()
    target = allowed(app, Path(f"{database.sqlite_path}.schema-{version}.bak"))
    # One that is there may be older than what was written since, of an upgrade that was cut off.
    with suppress(SchemaVersionError):  # somebody else upgrades, and has made that copy
        backup(database, target, force=True, schema=version)
    return target


@command.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@force_option
@json_option
@quiet_option
@pass_app
def backup_(app: App, file: Path, force: bool, as_json: bool) -> None:
    """Copy an SQLite database to FILE while it is in use; the copy is checked.

    To restore, stop pricetrail and put the copy in the database's place. Postgres: pg_dump.
    """
    if file == STDOUT:
        raise InvalidInputError("a database is copied to a file, which is checked: name one")
    target = output(app, file, force=force)
    database = app.database()
    if database.sqlite_path is None:
        raise InvalidInputError("this database is on a server: make its copies with pg_dump")
    with progress("copying", None) as bar:
        done = [0]

        def advance(pages: int, _total: int) -> None:
            bar.advance(pages - done[0])
            done[0] = pages

        size = backup(database, target, advance, force=force)
    if as_json:
        print_json({"file": str(file), "bytes": size})
    else:
        line(f"{file}: {size:,} bytes, checked")


@command.command("prune")
@click.option("--polls", type=DURATION, help="Delete single polls older than this, such as 30d.")
@click.option("--bodies", type=DURATION, help="Delete bodies succeeded longer ago, such as 1y.")
@click.option("--deliveries", type=DURATION, help="Delete ended messages older than this: 90d.")
@json_option
@pass_app
def prune(
    app: App,
    polls: timedelta | None,
    bodies: timedelta | None,
    deliveries: timedelta | None,
    as_json: bool,
) -> None:
    """Delete what is old. Versions, prices, events, coverage and every hash stay.

    `pricetrail verify` still passes, and says for how many versions it can no longer show the
    body.
    """
    if polls is bodies is deliveries is None:
        raise InvalidInputError("say what to delete: --polls 30d, --bodies 1y, --deliveries 90d")
    pruned = maintenance.prune(app.database(), polls=polls, bodies=bodies, deliveries=deliveries)
    if as_json:
        print_json(pruned.as_json())
    else:
        parts = (
            counted(pruned.polls, "poll"),
            counted(pruned.bodies, "body", "bodies"),
            counted(pruned.deliveries, "delivery", "deliveries"),
        )
        line(f"deleted: {', '.join(parts)}")


@command.command("compact")
@json_option
@pass_app
def compact_(app: App, as_json: bool) -> None:
    """Write an SQLite file anew, as small as it can be: after an import, or a prune.

    Polls wait meanwhile, some seconds for a large file; as much room again is needed on the disk.
    """
    database = app.database()
    compacted = maintenance.compact(database)
    if as_json:
        print_json(compacted.as_json())
    else:
        line(f"{database.sqlite_path}: {compacted.before:,} → {compacted.after:,} bytes")
