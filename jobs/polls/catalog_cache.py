"""The catalogs that a process accepted last, kept in memory."""

import threading

from pricetrail.storage.database import Database
from pricetrail.storage.history import latest
from pricetrail.storage.history.latest import LatestCatalog
from pricetrail.storage.sources import SourceState

# Bytes of bodies, of all sources together, that are kept in memory with what was read from them.
_REMEMBERED = 8_000_000


class CatalogCache:
    """The newest catalog of each source, from memory where this process made that version.

    The chain's hash names a catalog and all that came before it: whatever other processes do, what
    is remembered under it stays true.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        # The one that was kept longest ago is first.
        self._heads: dict[str, tuple[bytes, LatestCatalog]] = {}
        self._size = 0

    def find(self, state: SourceState) -> LatestCatalog | None:
        """What was accepted last; None before the first version."""
        chain_hash, head = self._heads.get(state.name, (None, None))
        if head is not None and chain_hash == state.head_hash:
            return head
        with self._database.read() as connection:
            head = latest.load(connection, state)
        if head is not None:
            self.keep(state.name, state.head_hash, head)
        return head

    def keep(self, source: str, chain_hash: bytes, head: LatestCatalog) -> None:
        """Remember a catalog, unless it is too large to; others are forgotten where it must be."""
        with self._lock:
            self._forget(source)
            if len(head.body) > _REMEMBERED:
                return
            self._heads[source] = (chain_hash, head)
            self._size += len(head.body)
            while self._size > _REMEMBERED:
                self._forget(next(iter(self._heads)))

    def _forget(self, source: str) -> None:
        _, head = self._heads.pop(source, (None, None))
        if head is not None:
            self._size -= len(head.body)
