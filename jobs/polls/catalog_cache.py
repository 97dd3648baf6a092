"""The catalogs that a process accepted last, kept in memory."""

import logging
import threading
from typing import NamedTuple

from pricetrail.storage.database import Database
from pricetrail.storage.history import latest
from pricetrail.storage.history.latest import LatestCatalog
from pricetrail.storage.sources import SourceState
from pricetrail.text.log_fields import fields

log = logging.getLogger("pricetrail.polls")
# Bytes of bodies, of all sources together, that are kept in memory with what was read from them.
_REMEMBERED = 8_000_000


class _Kept(NamedTuple):
    """The catalog of a version, by the source's row and the chain's hash there."""

    source_id: int
    version: int
    chain_hash: bytes
    head: LatestCatalog


class CatalogCache:
    """The newest catalog of each source, from memory where this process made that version.

    The chain's hash names a catalog and all that came before it: whatever other processes do, what
    is remembered under it stays true.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        # The one that was kept longest ago is first.
        self._heads: dict[str, _Kept] = {}
        self._size = 0

    def find(self, state: SourceState) -> LatestCatalog | None:
        """What was accepted last; None before the first version."""
        kept = self._heads.get(state.name)
        if kept is not None and kept.chain_hash == state.head_hash:
            return kept.head
        if kept is not None and kept.source_id == state.id and kept.version >= state.head_version:
            self._tell_went_back(state, kept.version)
        with self._database.read() as connection:
            head = latest.load(connection, state)
        if head is not None:
            self.keep(state, state.head_version, state.head_hash, head)
        return head

    def keep(
        self, source: SourceState, version: int, chain_hash: bytes, head: LatestCatalog
    ) -> None:
        """Remember a catalog, unless it is too large to; others are forgotten where it must be."""
        with self._lock:
            self._forget(source.name)
            if len(head.body) > _REMEMBERED:
                return
            self._heads[source.name] = _Kept(source.id, version, chain_hash, head)
            self._size += len(head.body)
            while self._size > _REMEMBERED:
                self._forget(next(iter(self._heads)))

    def _forget(self, source: str) -> None:
        kept = self._heads.pop(source, None)
        if kept is not None:
            self._size -= len(kept.head.body)

    def _tell_went_back(self, state: SourceState, version: int) -> None:
        """Say, once, that versions are gone which were there when this process recorded its own."""
        with self._lock:
            if self._heads.get(state.name) is None:
                return
            self._forget(state.name)
        problem = (
            f"the database went back to version {state.head_version}, after version {version} was "
            "recorded: it was restored, or a standby took over that had not got everything"
        )
        said = fields(source=state.name, version=state.head_version, error=problem)
        log.warning("source %s: %s", state.name, problem, extra=said)
