"""Everything that is wrong with a configuration, or looks wrong, at once."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pricetrail.catalog.errors import NotFoundError, PricetrailError
from pricetrail.catalog.pointers import dotted
from pricetrail.settings import filters, web
from pricetrail.settings.database import database_problems, database_url
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.files import Raw
from pricetrail.settings.filters import Known
from pricetrail.settings.kept import read_source
from pricetrail.settings.kept_webhooks import in_both as webhooks_in_both
from pricetrail.settings.kept_webhooks import with_kept
from pricetrail.settings.keys import ALIASES, SOURCES, WEBHOOKS
from pricetrail.settings.labels import Labels
from pricetrail.settings.lines import key_lines, line_of, located
from pricetrail.settings.loading import ALL, Settings, read
from pricetrail.settings.problems import Problem, lines_of
from pricetrail.settings.tables import DATABASE_URL, raw_of, unread_variables
from pricetrail.settings.where import Where
from pricetrail.storage import kept_sources, schema
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history import known_names
from pricetrail.storage.outbox import kept_webhooks

_UNKNOWN = "no source has ever shown a model of any of these names"


class Findings(NamedTuple):
    """What is wrong with filters, and what only looks wrong."""

    errors: list[Problem]
    warnings: list[Problem]


class _Stored(NamedTuple):
    """The settings of what the database keeps, by name."""

    sources: Mapping[str, str]
    webhooks: Mapping[str, str]


class _OfKept(NamedTuple):
    """What is wrong with the sources that the database keeps, and how many are in force."""

    findings: Findings
    sources: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What `config check` found. `origin` is the file, or says that there is none."""

    origin: str
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()
    sources: int = 0
    webhooks: int = 0

    def as_json(self) -> dict[str, object]:
        """The shape of `config check`."""
        lines = _lines_of(self.origin)
        return {
            "ok": not self.errors,
            "configuration": self.origin,
            "sources": self.sources,
            "webhooks": self.webhooks,
            "errors": [_as_json(problem, lines) for problem in self.errors],
            "warnings": [_as_json(problem, lines) for problem in self.warnings],
        }

    def lines(self) -> tuple[list[str], list[str]]:
        """The errors and the warnings for people, each with its line, as `prices.toml:12: …`."""
        known = _lines_of(self.origin)
        return (
            lines_of(located(problem, known) for problem in self.errors),
            lines_of(located(problem, known) for problem in self.warnings),
        )


def check(named: Path | None, environ: Mapping[str, str], *, secrets: bool = True) -> Report:
    """Look at all of it: every section, and filters against the database.

    Nothing is written, and no database is made.

    Args:
        named: the file that `--config` names.
        secrets: whether they have to be there.
    """
    try:
        raw = raw_of(named, environ)
    except SettingsError as error:
        origin = error.problems[0].origin or str(named or environ.get("PRICETRAIL_CONFIG"))
        return Report(origin, error.problems)
    own = read(raw, environ, ALL if secrets else frozenset())
    fatal = database_problems(raw, environ)
    url = None if fatal else database_url(named, environ)
    stored = _stored(url)
    settings = with_kept(own, stored.webhooks, environ, secrets=secrets)
    found, kept = about_filters(settings, url), _about_kept(settings, environ, stored, secrets)
    of_web = web.read(raw, environ, secrets=secrets)[1]
    errors = dict.fromkeys(
        [*fatal, *settings.problems, *of_web, *found.errors, *kept.findings.errors]
    )
    return Report(
        raw.origin,
        tuple(errors),
        (
            *([] if kept.sources else _nothing_configured(settings)),
            *unread_variables(raw, environ),
            *found.warnings,
            *kept.findings.warnings,
            *_unknown_aliases(settings, url),
        ),
        len(settings.names(SOURCES)) + kept.sources,
        len(settings.names(WEBHOOKS)) + len(settings.kept),
    )


def _stored(url: str | None) -> _Stored:
    """What the database keeps; nothing where it cannot be asked."""
    try:
        with _opened(url) as transaction:
            return _Stored(kept_sources.settings(transaction), kept_webhooks.settings(transaction))
    except PricetrailError:
        return _Stored({}, {})


def _about_kept(
    settings: Settings, environ: Mapping[str, str], stored: _Stored, secrets: bool
) -> _OfKept:
    """Look at each source that the database keeps, and at what is in the configuration, too."""
    errors: list[Problem] = []
    kept, own = stored.sources, settings.names(SOURCES)
    for name, text in kept.items():
        if name not in own:
            errors += read_source(name, text, settings.raw, environ, secrets=secrets)[1]
    twice = [name for name in own if name in kept]
    warnings = [in_both(settings.raw, name) for name in twice]
    found = Findings(errors, [*warnings, *webhooks_in_both(settings, stored.webhooks)])
    return _OfKept(found, len(kept) - len(twice))


def in_both(raw: Raw, name: str) -> Problem:
    """That a source is in the configuration and in the database."""
    text = (
        f"is in the database as well: this one holds; `pricetrail sources remove {name} "
        "--keep-history` drops the other"
    )
    return Where(raw, SOURCES, name).problem("", text)


def _nothing_configured(settings: Settings) -> list[Problem]:
    """That there is neither a source nor a webhook: most likely this is another folder."""
    if settings.names(SOURCES) or settings.webhooks:
        return []
    text = "no source is configured: run `pricetrail init`, or set PIPELLM_API_KEY"
    return [Problem(settings.raw.origin, "", text)]


def _unknown_aliases(settings: Settings, url: str | None) -> list[Problem]:
    """The groups of which no source has ever shown a name; nothing where nobody knows."""
    if url is None or not settings.aliases:
        return []
    try:
        with _opened(url) as transaction:
            models = known_names.models(transaction)
    except PricetrailError:
        return []
    return [
        Problem(settings.raw.origin, f"{ALIASES}.{group[0]}", _UNKNOWN, ALIASES, group[0])
        for group in settings.aliases.groups
        if models and models.isdisjoint(group)
    ]


def about_filters(
    settings: Settings, url: str | None, names: Iterable[str] | None = None
) -> Findings:
    """What is wrong with the filters of webhooks: of those that are named, or of all.

    Args:
        url: the database, which knows further sources, models and prices; None for nobody.
    """
    wanted = list(settings.webhooks if names is None else names)
    if not wanted:
        return Findings([], [])
    recorded: Labels = {}
    known, trouble = Known(), None
    try:
        if url is not None:
            # To know them all catalogs have to be read.
            families = any(settings.webhooks[name].type_targets for name in wanted)
            recorded, known = _known(url, families=families)
    except NotFoundError:
        pass  # no database yet: nobody knows more than the file
    except PricetrailError as error:
        text = f"cannot be asked, so filters are held against the file alone: {error}"
        trouble = Problem(settings.raw.origin, DATABASE_URL, text)
    unknown = [it for it in filters.unknown_sources(settings, recorded) if it.name in wanted]
    warnings = [
        problem
        for name in wanted
        for problem in filters.warnings(settings, settings.webhooks[name], known)
    ]
    if trouble is not None:
        return Findings([], [trouble, *unknown, *warnings])
    return Findings(unknown, warnings)


def _known(url: str, *, families: bool) -> tuple[Labels, Known]:
    with _opened(url) as transaction:
        return kept_sources.known(transaction), _names(transaction, families=families)


@contextmanager
def _opened(url: str | None) -> Iterator[Transaction]:
    """A transaction of a database that is opened for it alone."""
    if url is None:
        raise NotFoundError("nobody knows where the database is")
    database = Database(url)
    try:
        schema.require(database)
        with database.read() as transaction:
            yield transaction
    finally:
        database.close()


def _names(transaction: Transaction, *, families: bool) -> Known:
    models = known_names.models(transaction)
    if not models:
        return Known()
    fields = known_names.price_paths(transaction)
    targets = known_names.type_targets(transaction) if families else None
    return Known(models, targets, Known().fields | _dotted(fields))


def _dotted(paths: Iterable[str]) -> frozenset[str]:
    return frozenset(map(dotted, paths))


def _lines_of(origin: str) -> Mapping[str, int]:
    try:
        return key_lines(Path(origin).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _as_json(problem: Problem, lines: Mapping[str, int]) -> dict[str, object]:
    line, column = problem.place or (line_of(problem.key, lines), None)
    return {"key": problem.key or None, "line": line, "column": column, "problem": problem.text}
