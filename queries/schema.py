"""The question of `pricetrail db current`: which schema the database has."""

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


def ask(database: Database) -> SchemaAnswer:
    """The schema of a database, which may be missing or of another version."""
    return SchemaAnswer(database.safe_url, schema.current(database), schema.HEAD)
