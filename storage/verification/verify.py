"""The whole history of a source recomputed from what is stored, up to the first break.

Every version is worked out again as the poll that made it did, from its body where that is kept
and still read as it was then, else from the models' documents; then every row about it must say the
same. A body that no version of its dialect reads any more is checked by its hash.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from pricetrail.catalog import merkle
from pricetrail.catalog.catalogs import Catalog, Limits
from pricetrail.catalog.dialects.registry import AS_SERVED, ReadBy
from pricetrail.catalog.documents import model_hash
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.ignored import Ignored
from pricetrail.catalog.readers import Reader, find_reader
from pricetrail.catalog.saved_heads import HeadWitness
from pricetrail.catalog.strict_json import loads
from pricetrail.catalog.versions import NewVersion, VersionDraft, build_version
from pricetrail.storage.codecs.bodies import decode_exactly
from pricetrail.storage.errors import StorageError, TamperedError
from pricetrail.storage.history import readings, shared_bodies
from pricetrail.storage.history.ignored import stored_ignored
from pricetrail.storage.sources import SourceState
from pricetrail.storage.types import AnyRow
from pricetrail.storage.verification import raw_rows
from pricetrail.storage.verification.rows import Break, BreakFoundError, Rows, broken

# What was accepted once is no question of limits any more.
_LIMITS = Limits(models=1_000_000, name_bytes=None)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = 200_000_000_000_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What recomputing a history found.

    `head` is the chain's hash after the last version: recomputed where all is well, else as it
    stands. `bodies_pruned` counts the versions whose body can no longer be shown; their hash,
    models, prices and events were checked. `saved_at` is the version whose head was given.
    """

    source: str
    snapshots: int
    version: int
    head: bytes
    first_break: Break | None
    bodies_pruned: int
    saved_at: int | None

    @property
    def ok(self) -> bool:
        """Whether nothing is broken."""
        return self.first_break is None


def verify(
    connection: Connection,
    source: SourceState,
    saved: HeadWitness | None = None,
    advance: Callable[[int], object] = lambda _done: None,
) -> Verdict:
    """Recompute every hash, row and event of a source, oldest first, and stop at the first break.

    Args:
        saved: a head that was kept elsewhere, or its beginning: this one or an older one of the
            same chain.
        advance: told after each version that one more is done.
    """
    found: Break | None = None
    with raw_rows.as_it_stands(connection), closing(Rows(connection, source.id)) as rows:
        verifier = _Verifier(connection, source, saved, rows)
        try:
            with closing(raw_rows.snapshots(connection, source.id)) as snapshots:
                for row in snapshots:
                    verifier.version(row)
                    advance(1)
            verifier.end()
        except BreakFoundError as problem:
            found = problem.found
    return Verdict(
        source=source.name,
        snapshots=verifier.number,
        version=source.head_version,
        head=source.head_hash if found else verifier.head,
        first_break=found,
        bodies_pruned=verifier.pruned,
        saved_at=verifier.saved_at,
    )


class _Verifier:
    """Carries what is known after a version on to the next one."""

    def __init__(
        self, connection: Connection, source: SourceState, saved: HeadWitness | None, rows: Rows
    ) -> None:
        self.connection, self.source, self.saved, self.rows = connection, source, saved, rows
        self.number = 0
        self.head = merkle.GENESIS
        self.catalog: Catalog | None = None
        self.body: bytes | None = None
        self.known_schema: frozenset[str] = frozenset()
        self.read_by = AS_SERVED
        # A body that its dialect reads otherwise by now may come at any time.
        self.keeps_documents = raw_rows.has_dialects(connection, source.id)
        self.pruned = 0
        self.saved_at: int | None = None

    def version(self, row: AnyRow) -> None:
        """Check the next version."""
        number = self.number + 1
        if row.version != number:
            why = f"version {number} is missing: after {self.number} comes {row.version!r}"
            raise broken(number, "snapshot", why)
        rows = self.rows.of(number)
        body, read_by = self._body(row), self._read_by(row)
        reader = find_reader(read_by) if body is not None else None
        if body is not None and reader is not None:
            after = self._read(number, body, reader)
        else:
            after = self._rebuilt(number)
        draft = VersionDraft(
            source=self.source.name,
            number=number,
            previous_hash=self.head,
            not_before=self._time(number, row.not_before) if row.not_before is not None else None,
            not_after=self._time(number, row.not_after),
            baseline=self._is_baseline(row, read_by, has_events=bool(rows.events)),
            chain_name=self.source.chain_name,
            sunsets=number >= self.source.sunsets_from,
            read_by=read_by,
        )
        ignored = self._ignored(row)
        new = build_version(draft, self.catalog, after, row.body_hash, self.known_schema, ignored)
        self._check_chain(row, new)
        rows.check(
            new,
            row,
            as_served=reader is not None and read_by == AS_SERVED,
            known_schema=self.known_schema,
        )
        self._check_saved(number, new.version.hash)
        self.number, self.head, self.catalog, self.body = number, new.version.hash, after, body
        self.read_by = read_by
        self.known_schema |= new.schema

    def _body(self, row: AnyRow) -> bytes | None:
        """The body as served, its hash checked; None where it was pruned."""
        number, base = row.version, row.body_base
        if type(row.body_hash) is not bytes:
            raise broken(number, "body", "its hash is no hash")
        packed = self._packed(row)
        if packed is None:
            if self.body is not None or base is not None:
                raise broken(number, "body", "it is gone, and pruning does not leave such a hole")
            self.pruned += 1
            return None
        if base is not None and (base != number - 1 or self.body is None):
            raise broken(number, "body", f"it rests on that of {base!r}, which is not there")
        try:
            body = decode_exactly(packed, None if base is None else self.body, row.body_size)
        except StorageError as error:
            raise broken(number, "body", str(error)) from None
        if merkle.body_hash(body) != row.body_hash:
            raise broken(number, "body", "its SHA-256 is not the one that was written down")
        return body

    def _packed(self, row: AnyRow) -> object:
        """The body as it is packed, by itself or where several versions have it; None: pruned."""
        if row.shared_body_id is None:
            return row.body
        if row.body is not None:
            raise broken(row.version, "body", "it is stored twice")
        if not shared_bodies.is_at(row.shared_body_id, row.shared_body):
            users = shared_bodies.users(self.connection, row.shared_body_id)
            why = f"what is shared as {row.shared_body_id!r} is gone, or something else"
            raise broken(row.version, "body", f"{why}; it is the body of {users}")
        return row.shared_body

    def _read_by(self, row: AnyRow) -> ReadBy:
        try:
            return readings.read_by(row)
        except TamperedError as error:
            raise broken(row.version, "dialect", error.what) from None

    def _read(self, number: int, body: bytes, reader: Reader) -> Catalog:
        if not self.keeps_documents:
            self.rows.forget_documents()
        try:
            return reader.read(body, self.catalog, _LIMITS)
        except CatalogError as error:
            raise broken(number, "body", f"it is no catalog: {error}") from None

    def _rebuilt(self, number: int) -> Catalog:
        """The catalog from the documents in force, where the body is not kept."""
        catalog, texts, end = Catalog(""), [], 0
        for model, document, leaf in self.rows.in_force(number, _leaf):
            catalog.add(model, leaf, end, end + len(document))
            texts.append(document)
            end += len(document) + 1
        catalog.text = ",".join(texts)
        return catalog

    def _time(self, number: int, stored: object) -> datetime:
        """A stored time, which on SQLite is milliseconds of Unix time."""
        if isinstance(stored, datetime) and stored.microsecond % 1000 == 0:
            return stored.astimezone(UTC)
        if type(stored) is int and abs(stored) < _LATEST:
            return _EPOCH + timedelta(milliseconds=stored)
        raise broken(number, "time", f"{stored!r} is no time of ours")

    def _ignored(self, row: AnyRow) -> Ignored:
        """The fields that made no event in it."""
        try:
            return stored_ignored(row.ignored)
        except TamperedError as error:
            raise broken(row.version, "ignored", error.what) from None

    def _is_baseline(self, row: AnyRow, read_by: ReadBy, *, has_events: bool) -> bool:
        """Whether it makes no events: the first version, the first with another key, and the first
        that was read by another dialect, or another version of one."""
        if row.version in (1, self.source.baseline_version):
            return True
        # Only the latest change of the key is written down; an older one left no events. A change
        # of the dialect that changed nothing leaves the next version its events.
        silent = not (has_events or row.added or row.removed or row.repriced or row.updated)
        return silent and (row.version < self.source.baseline_version or read_by != self.read_by)

    def _check_chain(self, row: AnyRow, new: NewVersion) -> None:
        if new.root != row.catalog_root:
            raise broken(row.version, "catalog", "its models do not give the root written down")
        if new.version.hash != row.chain_hash:
            why = "number, times, models, root or body hash are not those the chain was made of"
            raise broken(row.version, "chain", why)

    def _check_saved(self, number: int, head: bytes) -> None:
        saved = self.saved
        if saved is None:
            return
        if saved.matches(head) and saved.version in (None, number):
            self.saved_at = number
        elif saved.version == number:
            here = merkle.hash_text(head)
            why = f"the head saved for it is {saved.text}, here it is {here}: history was rewritten"
            raise broken(number, "head", why)

    def end(self) -> None:
        """Check what says where the history ends, and that nothing is left over."""
        source, number = self.source, self.number
        if source.head_version != number:
            why = f"the history should go on to version {source.head_version}, and ends before"
            raise broken(number + 1, "snapshot", why)
        if source.head_hash != self.head:
            raise broken(number, "head", "the source says that its head is another one")
        self.rows.end(number)
        if raw_rows.disguised_events(self.connection, source.id):
            raise broken(number, "events", "an event of no version stands among those of versions")
        if number and self.body is None:
            raise broken(number, "body", "the latest body is gone, which pruning always keeps")
        if self.saved is not None and self.saved_at is None:
            why = f"{self.saved} is no head of this history: it was rewritten, cut off, or another"
            raise broken(self.saved.version, "head", why)


def _leaf(model: str, document: str) -> bytes:
    return merkle.leaf(model, model_hash(loads(document)))
