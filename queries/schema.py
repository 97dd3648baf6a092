"""The question of `pricetrail db current`: which schema the database has."""

from collections.abc import Iterator
from dataclasses import dataclass

from pricetrail.storage import schema
from pricetrail.storage.database import Database


@dataclass(frozen=True, slots=True)
class SchemaAnswer:
    """The version of the schema that a database has (None: none yet), and the one needed."""

    database: str
    schema: str | None
    needed: str

    def as_json(self) -> dict[str, object]:
        """The shape of `db current`."""
        return {"database": self.database, "schema": self.schema, "needed": self.needed}


@dataclass(frozen=True, slots=True)
class Upgraded:
    """A database that has the newest schema now; `copy` is the file as it was, if one was made."""

    database: str
    before: str | None
    after: str
    copy: str | None

    def as_json(self) -> dict[str, object]:
        """The shape of `db upgrade`."""
        return {
            "database": self.database,
            "before": self.before,
            "after": self.after,
            "copy": self.copy,
        }

    def in_words(self) -> Iterator[str]:
        """What was done, line by line."""
        if self.before == self.after:
            yield f"{self.database} has schema {self.before}: nothing to do"
            return
        if self.copy is not None:
            yield f"copied to {self.copy}"
        yield f"{self.database}: schema {self.before or 'none'} → {self.after}"


def ask(database: Database) -> SchemaAnswer:
    """The schema of a database, which may be missing or of another version."""
    return SchemaAnswer(database.safe_url, schema.current(database), schema.HEAD)
