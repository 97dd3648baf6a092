"""What can go wrong with the database, each with its remedy."""

from pricetrail.catalog.errors import PricetrailError


class StorageError(PricetrailError):
    """The database cannot be used as it stands."""

    exit_code = 1


class DatabaseUrlError(StorageError):
    """`database_url` cannot be used; `problem` continues its name and repeats no part of it."""

    exit_code = 2

    def __init__(self, problem: str) -> None:
        super().__init__(f"database_url {problem}")
        self.problem = problem


class DatabaseUnavailableError(StorageError):
    """The database cannot be reached or is locked; trying again can help."""

    retry = True


class DamagedError(StorageError):
    """Pages of the database do not fit together: only a backup, or a rescue by hand, helps."""


class UnstorableError(StorageError):
    """What was to be written is of a kind that the database does not take."""


class ForeignDatabaseError(StorageError):
    """A file or database that pricetrail did not make; it is left as it is."""

    exit_code = 2


class SchemaVersionError(StorageError):
    """The schema is older or newer than this program."""

    exit_code = 2


class NothingThereError(StorageError):
    """There is nothing to answer from: no database, no such source, model or snapshot."""

    exit_code = 3


class UnprovenError(StorageError):
    """The chain does not vouch for an answer, though nothing was tampered with."""


class StaleHolderError(StorageError):
    """Somebody else recorded a poll of this source meanwhile: what was fetched is out of date."""

    retry = True


class TamperedError(StorageError):
    """A stored value is none that pricetrail writes: somebody, or a failing disk, changed it."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"the database is damaged ({what}): see `pricetrail verify`, and restore the last "
            "`pricetrail db backup`"
        )
        self.what = what
