"""What every command stands on: the configuration and the database, each opened at first use."""

import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from catalog.errors import PricetrailError

if TYPE_CHECKING:
    from jobs.source import Source
    from pricetrail.settings import Settings
    from storage.database import Database

_Command = TypeVar("_Command", bound=Callable[..., Any])


class App:
    """The configuration that was named, or found, and its database.

    Args:
        config: the file that `--config` names; None for the usual places.
    """

    def __init__(self, config: Path | None = None) -> None:
        self._config = config
        self._database: Database | None = None
        self._prepared = False

    @cached_property
    def settings(self) -> "Settings":
        """The whole configuration, secrets read.

        Raises:
            SettingsError: names file, key and remedy.
        """
        from pricetrail.settings import load

        return load(self._config, os.environ)

    def known_sources(self) -> "dict[str, Source]":
        """The configured sources; none where the configuration cannot be used here."""
        try:
            return self.settings.sources
        except PricetrailError:
            return {}

    def database(self, *, create: bool = False) -> "Database":
        """The database, its schema checked.

        Whoever only reads needs neither the keys nor the webhooks' secrets.

        Args:
            create: make what is missing; else a missing database has nothing to answer from.

        Raises:
            NothingThereError, SchemaVersionError, ForeignDatabaseError: see `storage.schema`.
        """
        from pricetrail.settings import database_url
        from storage import schema
        from storage.database import Database

        if self._database is None:
            self._database = Database(database_url(self._config, os.environ))
            schema_check = schema.ensure if create else schema.require
            schema_check(self._database)
            self._prepared = create
        elif create and not self._prepared:
            schema.ensure(self._database)
            self._prepared = True
        return self._database

    def close(self) -> None:
        """Close what was opened."""
        if self._database is not None:
            self._database.close()


def pass_app(command: _Command) -> _Command:
    """Hand the `App` to a command as its first argument."""
    return click.make_pass_decorator(App)(command)  # type: ignore[return-value]  # same callable
