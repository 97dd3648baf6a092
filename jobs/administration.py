"""What an operator does to a source as a whole: another name, or the end."""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from pricetrail.catalog import merkle
from pricetrail.storage import source_names, source_removal, sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.source_removal import Holdings
from pricetrail.text.sums import counted


@dataclass(frozen=True, slots=True)
class Renamed:
    """A source under its new name; `chain_name` is the one that its chain goes on to hash."""

    before: str
    source: str
    chain_name: str

    def as_json(self) -> dict[str, object]:
        """The shape of `sources rename`."""
        return {"source": self.source, "before": self.before, "chain_name": self.chain_name}


@dataclass(frozen=True, slots=True)
class Removed:
    """A source that goes, how much goes with it, and the head that stays, if it had one."""

    source: str
    holdings: Holdings
    head: bytes | None

    def as_json(self) -> dict[str, object]:
        """The shape of `sources remove`."""
        head = None if self.head is None else merkle.hash_text(self.head)
        return {"source": self.source, "removed": asdict(self.holdings), "head": head}

    def in_words(self) -> str:
        """`12 versions of 40 models, 97 events, 3,100 polls, 20 messages (2 not delivered yet)`."""
        gone = self.holdings
        owed = f" ({gone.owed} not delivered yet)" if gone.owed else ""
        parts = (
            f"{counted(gone.versions, 'version')} of {counted(gone.models, 'model')}",
            counted(gone.events, "event"),
            counted(gone.polls, "poll"),
            counted(gone.messages, "message") + owed,
        )
        return ", ".join(parts)


def rename_source(transaction: Transaction, old: str, new: str) -> Renamed:
    """Call a source something else, with all of its history.

    Raises:
        NotFoundError: there is no such source.
        InvalidInputError: the name cannot be used, or another source has it.
    """
    state = sources.choose(transaction, old)
    sources.lock(transaction, state.id)
    source_names.rename_source(transaction, state.id, new)
    return Renamed(old, new, state.hashed_name)


def after_rename(renamed: Renamed, configured: Collection[str]) -> Iterator[str]:
    """What is still to be done in the configuration, where there is one."""
    if renamed.before in configured and renamed.before != renamed.source:
        yield (
            f"the configuration still has [sources.{renamed.before}]: rename it there before the "
            "next poll, which would begin a new history under that name; then restart `run`"
        )
    elif configured and renamed.source not in configured:
        yield f"the configuration has no [sources.{renamed.source}]: nothing polls it"


def holdings(transaction: Transaction, name: str) -> Removed:
    """How much goes with a source.

    Raises:
        NotFoundError: there is no such source.
    """
    state = sources.choose(transaction, name)
    head = state.head_hash if state.head_version else None
    return Removed(name, source_removal.holdings(transaction, state), head)


def remove(transaction: Transaction, name: str, now: datetime) -> Removed:
    """Delete a source with everything that was ever recorded of it; what went.

    Raises:
        NotFoundError: there is no such source.
    """
    gone = holdings(transaction, name)
    source_removal.remove(transaction, sources.choose(transaction, name), now)
    return gone
