"""What every command stands on: the configuration and the database, each opened at first use."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pricetrail.catalog.errors import (
    CatalogError,
    FailedError,
    NotFoundError,
    PricetrailError,
    exit_code,
)
from pricetrail.render import note
from pricetrail.settings.database import database_url
from pricetrail.settings.keys import SOURCES, WEBHOOKS
from pricetrail.storage import schema
from pricetrail.storage.database import Database
from pricetrail.storage.errors import StorageError

if TYPE_CHECKING:
    from pricetrail.alerts.webhooks import Webhook
    from pricetrail.catalog.aliases import Aliases
    from pricetrail.jobs.source import Source
    from pricetrail.settings.labels import Labels
    from pricetrail.settings.loading import Settings
    from pricetrail.storage.database import Transaction

_Command = TypeVar("_Command", bound=Callable[..., Any])


class App:
    """The configuration that was named, or found, and its database.

    Args:
        config: the file that `--config` names; None for the usual places.
    """

    def __init__(self, config: Path | None = None) -> None:
        self.config = config
        self._database: Database | None = None
        self._created = self._checked = False

    @cached_property
    def settings(self) -> "Settings":
        """What of the configuration is sound, with all secrets, for what polls and delivers.

        Raises:
            SettingsError: the configuration cannot be read at all.
        """
        return self._with_kept(self.configuration, secrets=True)

    @cached_property
    def delivery_settings(self) -> "Settings":
        """The same for what only delivers: no source's key has to be there; raises the same."""
        return self._with_kept(self._loaded(WEBHOOKS), secrets=True)

    @cached_property
    def open_settings(self) -> "Settings":
        """The same for what neither polls nor delivers: no secret has to be there.

        What the database keeps is left out where it cannot be asked.
        """
        return self.with_kept_if_any(self._loaded(), secrets=False)

    @cached_property
    def configuration(self) -> "Settings":
        """The same as `settings` without what the database keeps; raises the same."""
        return self._loaded(SOURCES, WEBHOOKS)

    @cached_property
    def kept_webhooks(self) -> Mapping[str, str]:
        """What the database keeps of each webhook; none where there is no database yet.

        Raises:
            SchemaVersionError, ForeignDatabaseError: as `database`.
        """
        from pricetrail.storage.outbox import kept_webhooks  # noqa: PLC0415 - see `_loaded`

        try:
            with self.reading() as transaction:
                return kept_webhooks.settings(transaction)
        except NotFoundError:
            return {}

    def _with_kept(self, settings: "Settings", *, secrets: bool) -> "Settings":
        if not self.kept_webhooks:
            return settings
        from pricetrail.settings.kept_webhooks import with_kept  # noqa: PLC0415 - see `_loaded`

        return with_kept(settings, self.kept_webhooks, os.environ, secrets=secrets)

    def with_kept_if_any(self, settings: "Settings", *, secrets: bool) -> "Settings":
        """A configuration with the webhooks that the database keeps, where it can be asked."""
        try:
            return self._with_kept(settings, secrets=secrets)
        except PricetrailError:
            return settings  # whoever needs the database is told by it

    def _loaded(self, *secrets: str) -> "Settings":
        # Only now: to know where the database is, which is all that questions need, takes less.
        from pricetrail.settings.loading import load  # noqa: PLC0415 - see above

        return load(self.config, os.environ, frozenset(secrets))

    def known_sources(self) -> Mapping[str, "Source"]:
        """The configuration's sources that are sound; none where it cannot be read."""
        try:
            return self.open_settings.sources
        except PricetrailError:
            return {}

    def all_sources(self) -> Mapping[str, "Source"]:
        """The same with those that the database keeps, each read when it is asked for."""
        try:
            return self._sources(self.open_settings, self.open_settings.sources)
        except PricetrailError:
            return {}

    def strict_sources(self) -> Mapping[str, "Source"]:
        """The same, for what must not go by defaults: asking for a faulty one raises
        `SettingsError`."""
        settings = self.open_settings
        return self._sources(settings, settings.strict_sources, strict=True)

    def _sources(
        self, settings: "Settings", own: Mapping[str, "Source"], *, strict: bool = False
    ) -> Mapping[str, "Source"]:
        from pricetrail.settings.all_sources import AllSources  # noqa: PLC0415 - see `_loaded`

        names = frozenset(settings.names(SOURCES))
        return AllSources(own, names, settings.raw, os.environ, self.reading, strict=strict)

    @contextmanager
    def reading(self) -> "Iterator[Transaction]":
        """A transaction of the database that is there.

        Raises:
            NotFoundError, SchemaVersionError, ForeignDatabaseError: as `database`.
        """
        with self.database().read() as transaction:
            yield transaction

    def aliases(self) -> "Aliases":
        """The names that stand for one model.

        Raises:
            SettingsError: something is wrong with them, or the configuration cannot be read.
        """
        from pricetrail.settings.aliases import load  # noqa: PLC0415 - see `_loaded`

        return load(self.config, os.environ)

    def known_aliases(self) -> "Aliases":
        """The groups that can be told apart; none where the configuration cannot be read."""
        from pricetrail.catalog.aliases import NO_ALIASES  # noqa: PLC0415 - see `_loaded`
        from pricetrail.settings.aliases import aliases_of  # noqa: PLC0415 - see `_loaded`
        from pricetrail.settings.tables import raw_of  # noqa: PLC0415 - see `_loaded`

        try:
            return aliases_of(raw_of(self.config, os.environ), os.environ).aliases
        except PricetrailError:
            return NO_ALIASES

    def configured_sources(self) -> "Labels | None":
        """What `own_sources` gives, with what the database keeps besides."""
        own = self.own_sources()
        from pricetrail.storage import kept_sources  # noqa: PLC0415 - see `_loaded`

        try:
            with self.reading() as transaction:
                kept = kept_sources.labels(transaction)
        except PricetrailError:
            kept = {}  # without a database nothing is kept in it
        return {**kept, **(own or {})} or own

    def own_sources(self) -> "Labels | None":
        """The names in the configuration, also of faulty sources, each with the source's labels.

        None where there are none, or they cannot be read here.
        """
        from pricetrail.settings.labels import labels_of  # noqa: PLC0415 - see `_loaded`
        from pricetrail.settings.tables import raw_of  # noqa: PLC0415 - see `_loaded`

        try:
            return labels_of(raw_of(self.config, os.environ), os.environ) or None
        except PricetrailError:
            return None

    def keeps_sources(self) -> bool:
        """Whether the database keeps any source; not where there is none yet."""
        from pricetrail.storage import kept_sources  # noqa: PLC0415 - see `_loaded`

        try:
            with self.reading() as transaction:
                return not kept_sources.is_empty(transaction)
        except NotFoundError:
            return False

    def known_webhooks(self) -> Mapping[str, "Webhook"]:
        """The configured webhooks; none where the configuration cannot be read."""
        try:
            return self.open_settings.webhooks
        except PricetrailError:
            return {}

    def database(self, *, create: bool = False) -> Database:
        """The database, its schema checked.

        Args:
            create: make what is missing; else a missing database has nothing to answer from.

        Raises:
            NotFoundError, SchemaVersionError, ForeignDatabaseError: see `storage.schema`.
        """
        database = self.unchecked_database()
        if create and not self._created:
            with announcing_a_new_file(database):
                schema.ensure(database)
            self._created = self._checked = True
        if not self._checked:
            schema.require(database)
            self._checked = True
        schema.hold(database)
        return database

    def unchecked_database(self) -> Database:
        """The database, whatever its schema: for whoever is to look at just that."""
        if self._database is None:
            self._database = Database(database_url(self.config, os.environ))
        return self._database

    def explained(self, error: Exception) -> Exception:
        """What to say of an error: that the database is damaged or tampered with, where it is.

        What a damaged file leads to may be any exception, or "nothing there".
        """
        of_the_caller = isinstance(error, PricetrailError) and exit_code(error) == 2
        if self._database is None or of_the_caller or isinstance(error, FailedError):
            return error
        database = self._database
        return (
            database.damage()
            or schema.changed(database, error)
            or self._tampered(database, error)
            or error
        )

    def _tampered(self, database: Database, error: Exception) -> PricetrailError | None:
        """What to say where a stored value may explain an error, and does."""
        known = isinstance(error, PricetrailError | OSError) and not isinstance(error, CatalogError)
        if known and type(error) is not StorageError:
            return None
        # Only now: it brings along the comparison of catalogs, which most questions do without.
        from pricetrail.storage.verification.stored_values import damage  # noqa: PLC0415 - see above

        try:
            with database.read() as connection:
                return damage(connection)
        except PricetrailError as problem:
            return problem

    def close(self) -> None:
        """Close what was opened."""
        if self._database is not None:
            self._database.close()


@contextmanager
def announcing_a_new_file(database: Database) -> Iterator[None]:
    """Say on stderr where a database was made, so that no second history begins in silence."""
    new = schema.is_missing(database)
    yield
    if new and database.sqlite_path is not None:
        note(f"made a new database: {Path(database.sqlite_path).resolve()}")


def pass_app(command: _Command) -> _Command:
    """Hand the `App` to a command as its first argument."""
    return click.make_pass_decorator(App)(command)  # type: ignore[return-value]  # same callable
