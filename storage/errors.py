"""What can go wrong with the database, each with its remedy."""

from pricetrail.catalog.errors import InvalidInputError, PricetrailError, UnavailableError


class StorageError(PricetrailError):
    """The database cannot be used as it stands."""


class DatabaseUrlError(StorageError, InvalidInputError):
    """`database_url` cannot be used; `problem` continues its name and repeats no part of it."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"database_url {problem}")
        self.problem = problem


class DatabaseUnavailableError(StorageError, UnavailableError):
    """The database cannot be reached or is locked; trying again can help."""


class DatabaseUnreachableError(DatabaseUnavailableError):
    """No server answers, or a connection broke: whether what was sent was done is not known."""


class DamagedError(StorageError):
    """Pages of the database do not fit together: only a backup, or a rescue by hand, helps."""


class FileTroubleError(StorageError):
    """The disk is full or fails, or the file may not be opened or written: what it holds is not
    to blame."""


class UnstorableError(StorageError):
    """What was to be written is of a kind that the database does not take."""


class ForeignDatabaseError(StorageError, InvalidInputError):
    """A file or database that pricetrail did not make; it is left as it is."""


class SchemaVersionError(StorageError, InvalidInputError):
    """The schema is older or newer than this program."""


class UnprovenError(StorageError):
    """The chain does not prove an answer, though nothing was tampered with."""


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
