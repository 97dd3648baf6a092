"""The question of `pricetrail head`: the chain's head, to save elsewhere."""

from dataclasses import dataclass

from pricetrail.catalog import merkle
from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.saved_heads import SavedHead
from pricetrail.storage.database import Transaction
from pricetrail.storage.sources import choose, heads


@dataclass(frozen=True, slots=True)
class HeadAnswer:
    """The newest version of a source, and the chain's hash there."""

    source: str
    version: int
    hash: bytes

    @property
    def saved(self) -> SavedHead:
        """The head as somebody saves it, and as `verify --head` takes it."""
        return SavedHead(self.version, self.hash)

    def as_json(self) -> dict[str, object]:
        """The shape of `head`."""
        return {"source": self.source, "version": self.version, "head": merkle.hash_text(self.hash)}


@dataclass(frozen=True, slots=True)
class HeadsAnswer:
    """The heads of all sources that have a version, by name."""

    heads: tuple[HeadAnswer, ...]

    def as_json(self) -> dict[str, object]:
        """The shape of `head` where there are several sources, and none is named."""
        return {"heads": [head.as_json() for head in self.heads]}


def ask_all(transaction: Transaction) -> HeadsAnswer:
    """The head of every source's chain.

    Raises:
        NotFoundError: no poll has succeeded yet.
    """
    known = tuple(HeadAnswer(*row) for row in heads(transaction))
    return HeadsAnswer(known or (ask(transaction),))


def ask(transaction: Transaction, source: str | None = None) -> HeadAnswer:
    """The head of a source's chain.

    Args:
        source: needed only where there are several.

    Raises:
        SourceNeededError: there are several sources, and none is named.
        NotFoundError: no such source, or no poll of it has succeeded yet.
    """
    state = choose(transaction, source)
    if not state.head_version:
        raise NotFoundError(f"{state.name} has no snapshot yet: run `pricetrail poll`")
    return HeadAnswer(state.name, state.head_version, state.head_hash)
