"""`pricetrail import`: past observations from files, folders and git."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import click

from pricetrail.catalog.dialects.registry import PIPELLM
from pricetrail.catalog.errors import FailedError, InvalidInputError
from pricetrail.catalog.ignored import NOTHING
from pricetrail.catalog.merkle import hash_text
from pricetrail.catalog.readers import Reader
from pricetrail.catalog.versions import NewVersion
from pricetrail.context import App, pass_app
from pricetrail.dialects import DIALECT
from pricetrail.files.compression import Progress
from pricetrail.help import Command
from pricetrail.jobs.deliveries.routing import announce
from pricetrail.jobs.imports import inputs
from pricetrail.jobs.imports.importing import Notify, run
from pricetrail.jobs.imports.inputs import Input
from pricetrail.jobs.imports.observations import Report
from pricetrail.jobs.source import Source
from pricetrail.options import DURATION, json_option, quiet_option
from pricetrail.render import line, note, print_json, progress, table
from pricetrail.settings.keys import SOURCES
from pricetrail.storage.database import Transaction
from pricetrail.storage.sources import SourceState

_DEFAULT_SOURCE = "pipellm"


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail import history.jsonl.xz            lines, one an observation
  pricetrail import snapshots/                  2026-11-23.json, and so on
  pricetrail import --git ~/prices models.json  every commit of the file
  pricetrail import old.jsonl --source archive  beside what has a history
  pricetrail import or.jsonl.xz --dialect openrouter --source openrouter
""",
)
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--git",
    "git",
    nargs=2,
    metavar="REPO PATH",
    help="Instead of files: the history of the JSON file PATH in the git repository REPO.",
)
@click.option("--source", metavar="NAME", help="The source it becomes part of.")
@click.option(
    "--every",
    type=DURATION,
    help="How densely it was observed, if only what differed was kept (1h). Coverage then counts "
    "the time between two observations as seen.",
)
@click.option(
    "--dialect",
    type=DIALECT,
    help="How the lists are written (openrouter); the source's own, else pipellm.",
)
@click.option("--notify", is_flag=True, help="Tell webhooks of the events, as a poll would.")
@click.option("--skip-bad", is_flag=True, help="Pass over what is no catalog, and list it.")
@json_option
@quiet_option
@pass_app
def command(
    app: App,
    files: tuple[Path, ...],
    git: tuple[str, str] | None,
    source: str | None,
    every: timedelta | None,
    dialect: str | None,
    notify: bool,
    skip_bad: bool,
    as_json: bool,
) -> None:
    """Take in past observations from files, folders or git.

    They are taken as they are: no guard, and no message unless --notify. FILE is JSON lines
    (plain, .gz, .xz or .zst), a dated JSON file, or a folder of such. Times must go on from
    where the source's history ends. Importing the same again changes nothing, and goes on where
    it was cut off. An observation that history contradicts is refused: put it into a source of
    its own with --source.
    """
    if every is not None and every <= timedelta(0):
        raise InvalidInputError("--every must be longer than nothing: write 15m or 1h")
    name = _source(app, source)
    configured = app.strict_sources().get(name)
    chosen = _input(files, git)
    database = app.unchecked_database()
    with (
        _progress(chosen, silent=as_json) as advance,
        closing(chosen.read(advance)) as observations,
    ):
        report = run(
            database,
            name,
            observations,
            every=every,
            skip_bad=skip_bad,
            notify=_notify(app) if notify else None,
            ignored=configured.ignored if configured else NOTHING,
            reader=_reader(configured, dialect),
            # Only now: what is refused must not leave an empty database behind.
            prepare=lambda: app.database(create=True),
        )
    _show(report, as_json=as_json)
    if report.refused and not report.observations:
        raise FailedError("nothing there was an observation")


def _source(app: App, wanted: str | None) -> str:
    known = app.open_settings.names(SOURCES)
    if wanted is None and len(known) > 1:
        raise InvalidInputError(
            f"there are several sources: name one with --source ({', '.join(known)})"
        )
    name = wanted if wanted is not None else next(iter(known), _DEFAULT_SOURCE)
    if not name.strip() or not name.isprintable():
        raise InvalidInputError("--source is not a name: use letters, digits and dashes")
    return name


def _reader(configured: Source | None, dialect: str | None) -> Reader:
    if configured is None:
        return Reader(dialect or PIPELLM)
    return configured.reader if dialect is None else Reader(dialect, configured.keep)


def _input(files: tuple[Path, ...], git: tuple[str, str] | None) -> Input:
    if bool(files) == (git is not None) or (git is not None and not git[0]):
        raise InvalidInputError("name what to import: either FILEs, or --git REPO PATH")
    return inputs.from_paths(files) if git is None else inputs.from_git(Path(git[0]), git[1])


@contextmanager
def _progress(chosen: Input, *, silent: bool) -> Iterator[Progress]:
    if silent:
        yield lambda _: None
        return
    with progress(f"importing {chosen.unit}", chosen.size or None) as bar:
        yield bar.advance


def _notify(app: App) -> Notify:
    hooks, now = app.open_settings.webhooks, app.unchecked_database().now()

    def tell(connection: Transaction, _: SourceState, new: NewVersion) -> None:
        announce(connection, hooks, new.events, now)

    return tell


def _show(report: Report, *, as_json: bool) -> None:
    if as_json:
        print_json(report.as_json())
    else:
        _show_table(report)
    for item in report.refusals:
        note(f"passed over {item}")
    if report.refused > len(report.refusals):
        note(f"and {report.refused - len(report.refusals)} more")


def _show_table(report: Report) -> None:
    rows: list[tuple[str, object]] = [
        ("observations", report.observations),
        ("  new versions", report.versions),
        ("  without a change", report.unchanged),
        ("  there already", report.already_there),
        ("passed over", report.refused),
        *((f"events {name}", number) for name, number in sorted(report.events.items())),
    ]
    if report.first_at is not None and report.last_at is not None:
        rows += [("from", report.first_at), ("until", report.last_at)]
    table(("import", report.source), [row for row in rows if row[1] != 0])
    if report.head_version:
        line(f"{report.source} is at version {report.head_version}, {hash_text(report.head_hash)}")
