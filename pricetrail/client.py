"""The history of prices for Python callers: `pricetrail.connect()`, and what it gives."""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Self, TypeAlias

from pricetrail.catalog.aliases import NO_ALIASES, AliasError, Aliases, grouped
from pricetrail.catalog.asked_times import absolute_time
from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.pointers import from_person
from pricetrail.catalog.saved_heads import head_witness
from pricetrail.catalog.times import TimeError, rfc3339
from pricetrail.queries import (
    compare,
    coverage,
    diff,
    events,
    history,
    models,
    price,
    snapshot,
    snapshots,
    verification,
)
from pricetrail.queries.compare import CompareAnswer
from pricetrail.queries.coverage import CoverageAnswer
from pricetrail.queries.diff import DiffAnswer
from pricetrail.queries.events import EventsAnswer
from pricetrail.queries.history import HistoryAnswer
from pricetrail.queries.models import ModelsAnswer
from pricetrail.queries.price import PriceAnswer
from pricetrail.queries.snapshot import SnapshotAnswer
from pricetrail.queries.snapshots import SnapshotsAnswer
from pricetrail.queries.verification import VerificationAnswer
from pricetrail.settings.aliases import load
from pricetrail.settings.database import database_url
from pricetrail.storage import schema
from pricetrail.storage.database import Database

# An aware time, or RFC 3339 text; a date is its first instant in UTC.
Time: TypeAlias = datetime | str
# A version's number, a time, `latest`, `latest~3` or `baseline`.
Revision: TypeAlias = int | datetime | str
# A model's name to its other names.
Names: TypeAlias = Mapping[str, Sequence[str]]


class Prices:
    """An open history: each method asks one question, and gives a frozen, typed answer.

    Each reads in a short transaction, and what is long a piece at a time while somebody goes
    through it. `as_json()` of an answer is what the command of that name prints with `--json`.
    Threads may share it. `source` is needed only where there are several.

    Raises:
        InvalidInputError: of every method: an argument cannot be used as it is.
        NotFoundError: of every method: there is nothing to answer from.
        UnavailableError: of every method: the database cannot be reached; try again.
    """

    def __init__(
        self, database: Database, aliases: Callable[[], Aliases] = lambda: NO_ALIASES
    ) -> None:
        self._opened, self._closed = database, False
        self._aliases = aliases

    @property
    def _database(self) -> Database:
        if self._closed:
            raise InvalidInputError("this history was closed: connect() again")
        return self._opened

    def price(
        self,
        model: str,
        at: Time | None = None,
        field: str | None = None,
        source: str | None = None,
    ) -> PriceAnswer:
        """Say what a model cost at a time, or when last seen, and how certain that is.

        Args:
            field: one price or a group, such as `text.prompt`: the certainty is about it alone.
        """
        moment, path = _moment(at), _path(field)
        with self._database.read() as transaction:
            return price.ask(transaction, source, model, moment, path)

    def models(self, at: Time | None = None, source: str | None = None) -> ModelsAnswer:
        """Give the catalog as of a time, or as it was last seen."""
        moment = _moment(at)
        with self._database.read() as transaction:
            return models.ask(transaction, source, moment)

    def history(
        self, model: str, field: str | None = None, source: str | None = None
    ) -> HistoryAnswer:
        """Give every change of a model, or of one price or group of it, oldest first."""
        return history.ask(self._database, source, model, _path(field))

    def compare(
        self,
        model: str | None = None,
        at: Time | None = None,
        field: str | None = None,
        sources: Sequence[str] = (),
    ) -> CompareAnswer:
        """Say what every source asks for a model, or for all that two of them list.

        Args:
            field: one price or a group, such as `text.prompt`: that alone is compared.
            sources: only these.
        """
        moment, path, aliases = _moment(at), _path(field), self._aliases()
        with self._database.read() as transaction:
            return compare.ask(transaction, model, moment, path, sources, aliases=aliases)

    def diff(self, a: Revision, b: Revision, source: str | None = None) -> DiffAnswer:
        """Say what lies between two versions of a catalog."""
        first, second = _revision(a), _revision(b)
        with self._database.read() as transaction:
            return diff.ask(transaction, source, first, second)

    def snapshots(self, source: str | None = None) -> SnapshotsAnswer:
        """Give every version of a catalog, oldest first."""
        return snapshots.ask(self._database, source)

    def snapshot(self, version: Revision, source: str | None = None) -> SnapshotAnswer:
        """Give one version: its hashes, its window, what it changed."""
        revision = _revision(version)
        with self._database.read() as transaction:
            return snapshot.ask(transaction, source, revision)

    def events(
        self,
        since: Time | None = None,
        until: Time | None = None,
        types: Sequence[str] = (),
        model: str | None = None,
        limit: int | None = None,
        source: str | None = None,
    ) -> EventsAnswer:
        """Give what happened, oldest first: of every source, or of one.

        Args:
            since: first seen at or after this time; `until`: before it.
            model: a glob, such as `gpt-*`; `\\*` is the sign itself.
            limit: the newest so many.
        """
        return events.ask(
            self._database,
            source,
            since=_moment(since),
            until=_moment(until),
            types=types,
            model=model,
            limit=limit,
        )

    def coverage(
        self, since: Time | None = None, until: Time | None = None, source: str | None = None
    ) -> CoverageAnswer:
        """Say which times polls cover, by default from the first poll to the last."""
        first, last = _moment(since), _moment(until)
        with self._database.read() as transaction:
            return coverage.ask(transaction, source, self._database.now(), first, last)

    def verify(self, head: str | None = None, source: str | None = None) -> VerificationAnswer:
        """Recompute a history up to the first break; `head` is one saved elsewhere."""
        saved = None if head is None else head_witness(head)
        with self._database.read() as transaction:
            return verification.ask(transaction, source, saved)

    def close(self) -> None:
        """Close every connection; no question can be asked any more."""
        self._closed = True
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect(url: str | None = None, *, aliases: Names | None = None) -> Prices:
    """Open a history to read from; nothing is made or changed.

    Args:
        url: `sqlite:///FILE` or `postgresql+psycopg://…`; None for where the configuration says,
            as for the command line: `PRICETRAIL_CONFIG`, `./pricetrail.toml`, the environment.
        aliases: a model's name to its other names, for `compare`; None for what `[aliases]` of
            that configuration says. Where a URL is given no file is read: then there are none.

    Raises:
        NotFoundError: there is no database yet.
        InvalidInputError: the URL or the configuration cannot be used, or the database is another
            program's or of another version of this one.
        UnavailableError: the database cannot be reached; try again.
    """
    known = _aliases({} if aliases is None and url is not None else aliases)
    database = Database(database_url(None, os.environ) if url is None else url)
    try:
        schema.require(database)
    except BaseException:  # nobody gets the database, so nobody else would close it
        database.close()
        raise
    return Prices(database, known)


def _aliases(given: Names | None) -> Callable[[], Aliases]:
    """What gives the aliases: those that were given, or at each question what the file says."""
    if given is None:
        return partial(load, None, os.environ)
    if any(isinstance(names, str) for names in given.values()):
        raise InvalidInputError('aliases: write {"gpt-5": ["openai/gpt-5"]}, a list for each')
    try:
        known = grouped(given)
    except AliasError as error:
        raise InvalidInputError(f"aliases: {error}") from None
    return lambda: known


def _path(field: str | None) -> str | None:
    return None if field is None else from_person(field)


def _moment(at: Time | None) -> datetime | None:
    if isinstance(at, str):
        try:
            return absolute_time(at)
        except TimeError as error:
            raise InvalidInputError(str(error)) from None
    return None if at is None else _aware(at)


def _revision(revision: Revision) -> str:
    return rfc3339(_aware(revision)) if isinstance(revision, datetime) else str(revision)


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise InvalidInputError(f"{at} has no time zone: write datetime(…, tzinfo=UTC)")
    return at
