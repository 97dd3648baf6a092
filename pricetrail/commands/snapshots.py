"""`pricetrail snapshots`: the versions of a source's catalog."""

from datetime import datetime

import click

from pricetrail.catalog.merkle import hash_text
from pricetrail.context import App, pass_app
from pricetrail.help import Group
from pricetrail.options import REVISION, json_option, source_option
from pricetrail.queries import snapshot, snapshots
from pricetrail.queries.revisions import require_form
from pricetrail.queries.snapshot import SnapshotAnswer
from pricetrail.queries.snapshots import SnapshotsAnswer
from pricetrail.render import Column, body, line, print_json, table, when
from pricetrail.storage.history.versions import COUNTS
from pricetrail.text.sanitize import sanitize


@click.group(
    cls=Group,
    invoke_without_command=True,
    epilog="""\b
Examples:
  pricetrail snapshots
  pricetrail snapshots --json
  pricetrail snapshots show latest --raw > body.json  byte for byte
""",
)
@source_option
@json_option
@click.pass_context
def command(ctx: click.Context, source: str | None, as_json: bool) -> None:
    """Show every version: when it was seen, and what it changed."""
    if ctx.invoked_subcommand is not None:
        return
    answer = snapshots.ask(ctx.ensure_object(App).database(), source)
    if as_json:
        print_json(answer.in_pieces())
    else:
        _show_all(answer)


_COLUMNS: tuple[str | Column, ...] = (
    "version",
    "first seen",
    Column("last seen", drop=3),
    Column("polls", drop=1),
    Column("models", drop=5),
    *(Column(name, drop=6 if name == "updated" else 0) for name in COUNTS),
    Column("head", drop=2),
)


def _show_all(answer: SnapshotsAnswer) -> None:
    snapshots = list(answer.snapshots)
    # A column that most histories do without.
    translated = any(row.dialect is not None for row in snapshots)
    rows = [
        (
            row.version,
            row.not_after,
            row.last_seen,
            row.polls,
            row.models,
            *(row.counts[name] for name in COUNTS),
            hash_text(row.hash)[:19] + "…",
            *((row.dialect or "pipellm",) if translated else ()),
        )
        for row in snapshots
    ]
    if rows:
        table((*_COLUMNS, Column("read by", drop=4)) if translated else _COLUMNS, rows)
    else:
        line("no snapshot yet: no poll has succeeded")


@command.command("show")
@click.argument("version", type=REVISION, metavar="VERSION")
@click.option("--raw", is_flag=True, help="The body as it was served, byte for byte.")
@source_option
@json_option
@pass_app
def show(app: App, version: str | datetime, raw: bool, source: str | None, as_json: bool) -> None:
    """Show one version: a number, a time, latest, latest~3 or baseline.

    A time is 2026-03-01, '2026-03-01 12:00' (UTC), yesterday or 3d (ago).
    """
    require_form(version)
    with app.database().read() as transaction:
        if raw:
            body(snapshot.body(transaction, source, version))
            return
        answer = snapshot.ask(transaction, source, version)
    if as_json:
        print_json(answer.as_json())
    else:
        _show(answer)


def _show(answer: SnapshotAnswer) -> None:
    line(f"source: {answer.source}")
    line(f"version: {answer.version}")
    line(f"hash: {hash_text(answer.hash)}")
    line(f"catalog root: {hash_text(answer.catalog_root)}")
    line(f"body hash: {hash_text(answer.body_hash)}")
    line(f"body size: {answer.body_size}")
    line(f"body kept: {answer.body_kept}")
    if answer.read_by.dialect is not None:
        kept = f", keeping {', '.join(answer.read_by.keep)}" if answer.read_by.keep else ""
        line(f"read by: {answer.read_by}{sanitize(kept)}")
    if answer.read_anew:
        line(f"read anew: the body of version {answer.version - 1}, a baseline without events")
    line(f"models: {answer.models}")
    line(f"not before: {when(answer.not_before) if answer.not_before else '–'}")
    line(f"not after: {when(answer.not_after)}")
    line(f"counts: {', '.join(f'{number} {name}' for name, number in answer.counts.items())}")
