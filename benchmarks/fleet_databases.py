"""A made-up fleet in a Postgres database, which its gateway serves as the database has it."""

import base64
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sqlalchemy import text

from benchmarks import fleet_gateway, fleet_seed
from benchmarks.fleet_gateway import FleetGateway
from benchmarks.notes import note
from pricetrail.settings.sealing import VARIABLE, Seals
from pricetrail.storage.database import Database
from tests.support.postgres import Postgres

_MAKE_DUE = """
    UPDATE slot SET slot_at = come, due_at = come
    FROM (
        SELECT source_id AS id, now() - source_id * 7919 % 5000 * interval '1 ms' AS come
        FROM slot WHERE source_id = ANY(:ids)
    ) AS chosen
    WHERE source_id = id
"""
# Else slots of others would come while some are measured.
_LATER = """
    UPDATE slot SET slot_at = slot_at + interval '1 day', due_at = due_at + interval '1 day'
"""
_SIZES = """
    SELECT coalesce(pg_partition_root(oid), oid)::regclass::text AS name,
        sum(pg_total_relation_size(oid))::bigint AS bytes
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace GROUP BY 1
"""


@dataclass(frozen=True)
class _Seeded(fleet_seed.Fleet):
    """Sources as the made-up gateway serves them; none of them fails, or is late."""

    eventful: int = 0
    failing: int = 0
    late: int = 0

    @cached_property
    def bodies(self) -> list[list[bytes]]:
        """Each catalog once; then one that changed to the first of them."""
        found = [[fleet_gateway.body(n, 0, self.models)] for n in range(self.catalogs)]
        return [*found, [fleet_gateway.body(0, 1, self.models), *found[0]]]

    def etag(self, number: int, body_hash: bytes) -> str:  # noqa: ARG002 - as the gateway says it
        """The gateway's, of a catalog that never changed."""
        return f'"{number % self.catalogs}-0"'


class FleetDatabase:
    """A database of a fleet that keeps its sources, their keys encrypted.

    `environ` has what decrypts them. The first sources, from which all others were made, are left
    alone.
    """

    def __init__(
        self,
        url: str,
        database: Database,
        seeded: fleet_seed.Fleet,
        environ: Mapping[str, str],
    ) -> None:
        self.url, self.database, self.environ = url, database, environ
        self.numbers = range(seeded.templates, seeded.sources)
        self.sources = seeded.sources
        self._catalogs = seeded.catalogs

    def __str__(self) -> str:
        return f"{self.sources:,} sources"

    def some(self, most: int) -> Sequence[int]:
        """The numbers of so many sources, from all over the tables; fewer where there are fewer."""
        return self.numbers[:: max(1, len(self.numbers) // most)][:most]

    def each_catalog(self, turn: int) -> Sequence[int]:
        """The numbers of sources that have each catalog once; others in each turn, from 0."""
        return self.numbers[turn * self._catalogs : (turn + 1) * self._catalogs]

    def make_due(self, numbers: Sequence[int]) -> None:
        """Let the slots of these sources have come within the last seconds."""
        with self.database.write() as connection:
            connection.execute(text(_MAKE_DUE), {"ids": [number + 1 for number in numbers]})

    def sizes(self) -> dict[str, int]:
        """The bytes of each table, with its indexes and partitions."""
        with self.database.read() as connection:
            return {row.name: row.bytes for row in connection.execute(text(_SIZES))}


@contextmanager
def fleet_database(
    server: Postgres, gateway: FleetGateway, sources: int
) -> Iterator[FleetDatabase]:
    """A new database of so many of the sources that a gateway has, seeded by COPY."""
    environ = {VARIABLE: base64.b64encode(secrets.token_bytes(32)).decode()}
    seals = Seals(Path.cwd(), environ)

    def settings(number: int) -> str:
        said = {
            "url": gateway.url(number),
            "api_key": seals.sealed(gateway.key(number)),
            "schedule": "every 1h",
            "ca_file": gateway.ca_file,
        }
        return json.dumps({key: value for key, value in said.items() if value is not None})

    served = gateway.fleet
    seeded = _Seeded(sources, served.models, served.catalogs, settings=settings)
    name = f"fleet_{sources}"
    server.create(name)
    try:
        with closing(Database(server.url(name))) as database:
            note(f"{sources:,} sources, seeded")
            fleet_seed.seed(database, seeded)
            with server.connect(name) as connection:
                connection.execute(_LATER)
                connection.execute("VACUUM ANALYZE slot")
            yield FleetDatabase(server.url(name), database, seeded, environ)
    finally:
        server.drop(name)
