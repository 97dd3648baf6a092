"""A file of usage into the database, once: what is used of each model, by day and price path."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pricetrail.audit.aggregate import DailyUsage, aggregate
from pricetrail.audit.pricer import Pricer
from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.audit.usage.files import UsageTable
from pricetrail.catalog.aliases import NO_ALIASES, Aliases
from pricetrail.catalog.times import rfc3339
from pricetrail.files.compression import Progress
from pricetrail.storage.database import Database
from pricetrail.storage.source_names import some
from pricetrail.storage.usage import UsageFile, add, known_file


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """What became of a file; `before`: when the same bytes were imported already."""

    file: str
    rows: int = 0
    models: int = 0
    refused: int = 0
    reasons: tuple[str, ...] = ()
    ignored_columns: tuple[str, ...] = ()
    before: datetime | None = None

    def as_json(self) -> dict[str, object]:
        """The contract's shape of an entry of `files`."""
        return {
            "file": self.file,
            "rows": self.rows,
            "models": self.models,
            "refused": self.refused,
            "imported_before": None if self.before is None else rfc3339(self.before),
        }


@dataclass(frozen=True, slots=True)
class UsageImport:
    """What became of each file, in the order in which they were named."""

    files: tuple[ImportedFile, ...]

    def as_json(self) -> dict[str, object]:
        """The contract's shape of `usage import`."""
        return {"files": [file.as_json() for file in self.files]}


def import_usage(
    database: Database,
    table: UsageTable,
    source: str | None,
    progress: Progress | None = None,
    aliases: Aliases = NO_ALIASES,
) -> ImportedFile:
    """Add a file's quantities; the same bytes, whatever their name, a second time change nothing.

    Args:
        source: whose prices say what a quantity is charged by; None for the only one, if any.
        progress: told how many bytes of the file were read, as it goes.
        aliases: names that stand for one model, whose prices say likewise.

    Raises:
        InvalidInputError: the file cannot be read, or its columns mean nothing.
        NotFoundError: there is no such source.
    """
    name, digest = table.path.name, content_hash(table.path)
    with database.read() as connection:
        before = known_file(connection, digest)
    if before is None:
        usage = _aggregated(database, table, source, progress, aliases)
        with database.write() as connection:
            # Somebody else may have imported it meanwhile.
            before = known_file(connection, digest)
            file = UsageFile(digest, name, usage.rows)
            if add(connection, file, usage.quantities, database.now()):
                ignored = tuple(sorted(table.ignored))
                return ImportedFile(
                    name, usage.rows, usage.models, usage.refused, usage.reasons, ignored
                )
    return ImportedFile(name, before=before)


def _aggregated(
    database: Database,
    table: UsageTable,
    source: str | None,
    progress: Progress | None,
    aliases: Aliases,
) -> DailyUsage:
    with database.read() as connection:
        known = source is not None or bool(some(connection, 1).total)
    # Usage may come first: then quantities go under the schema's usual prices.
    pricer = Pricer.of(database, source, aliases) if known else None
    return aggregate(table.read(progress), pricer)


def content_hash(path: Path) -> bytes:
    """The SHA-256 of a file's bytes.

    Raises:
        UsageFileError: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError as error:
        raise UsageFileError(f"cannot read {path}: {error.strerror or error}") from None
