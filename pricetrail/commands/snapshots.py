"""`pricetrail snapshots`: the versions of a source's catalog."""

from typing import TYPE_CHECKING, Any

import click

from pricetrail.context import App, pass_app
from pricetrail.options import json_option, source_option

if TYPE_CHECKING:
    from pricetrail.storage.history.versions import SnapshotRow


@click.group(
    invoke_without_command=True,
    epilog="""\b
Examples:
  pricetrail snapshots
  pricetrail snapshots --json
  pricetrail snapshots show latest --raw > body.json    as it was served, byte for byte
""",
)
@source_option
@json_option
@click.pass_context
def command(ctx: click.Context, source: str | None, as_json: bool) -> None:
    """Show every version: when it was first and last seen, by how many polls, what it changed."""
    if ctx.invoked_subcommand is not None:
        return
    from pricetrail.catalog.merkle import shown
    from pricetrail.catalog.times import rfc3339
    from pricetrail.render import line, print_json, table
    from pricetrail.storage import sources
    from pricetrail.storage.history import streams, versions

    app = ctx.ensure_object(App)
    database = app.database()
    with database.read() as connection:
        source_id = sources.choose(connection, source).id
    found = streams.snapshots(database, source_id)
    if as_json:
        print_json({"snapshots": map(_entry, found)})
        return
    rows = list(found)
    if not rows:
        line("no snapshot yet: no poll has succeeded")
        return
    table(
        ("version", "first seen", "last seen", "polls", "models", *versions.COUNTS, "head"),
        [
            (
                row.version,
                rfc3339(row.not_after),
                rfc3339(row.last_seen),
                row.polls,
                row.models,
                *(row.counts[name] for name in versions.COUNTS),
                shown(row.hash)[:19] + "…",
            )
            for row in rows
        ],
    )


def _entry(row: "SnapshotRow") -> dict[str, Any]:
    """A version as `--json` shows it."""
    from pricetrail.catalog.merkle import shown
    from pricetrail.catalog.times import rfc3339

    return {
        "version": row.version,
        "hash": shown(row.hash),
        "previous_hash": shown(row.previous_hash),
        "models": row.models,
        "first_seen": rfc3339(row.not_after),
        "last_seen": rfc3339(row.last_seen),
        "polls": row.polls,
        "counts": row.counts,
    }


@command.command("show")
@click.argument("version")
@click.option("--raw", is_flag=True, help="The body as it was served, byte for byte.")
@source_option
@json_option
@pass_app
def show(app: App, version: str, raw: bool, source: str | None, as_json: bool) -> None:
    """Show one version: a number, a time, latest, latest~3 or baseline."""
    from pricetrail.catalog.merkle import shown
    from pricetrail.catalog.times import rfc3339
    from pricetrail.queries.revisions import version_of
    from pricetrail.render import body, line, print_json
    from pricetrail.storage import sources
    from pricetrail.storage.history import bodies, versions

    with app.database().read() as connection:
        state = sources.choose(connection, source)
        row = versions.require_version(connection, state.id, version_of(connection, state, version))
        if raw:
            body(bodies.body_of(connection, state.id, row.version))
            return
    entry = {
        "source": state.name,
        "version": row.version,
        "hash": shown(row.chain_hash),
        "catalog_root": shown(row.catalog_root),
        "body_hash": shown(row.body_hash),
        "body_size": row.body_size,
        "body_kept": row.body is not None,
        "models": row.models,
        "not_before": rfc3339(row.not_before) if row.not_before else None,
        "not_after": rfc3339(row.not_after),
        "counts": {name: getattr(row, name) for name in versions.COUNTS},
    }
    if as_json:
        print_json(entry)
        return
    for name, value in entry.items():
        text = ", ".join(f"{n} {k}" for k, n in value.items()) if isinstance(value, dict) else value
        line(f"{name.replace('_', ' ')}: {'–' if text is None else text}")
