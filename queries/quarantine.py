"""The questions of `pricetrail quarantine`: what was set aside, and what one would announce."""

from collections.abc import Mapping
from dataclasses import dataclass

from pricetrail.catalog.events import Event
from pricetrail.catalog.times import rfc3339
from pricetrail.queries.answers import time_or_null
from pricetrail.storage.database import Transaction
from pricetrail.storage.polls import quarantine
from pricetrail.storage.polls.quarantine import SetAside
from pricetrail.storage.sources import choose


@dataclass(frozen=True, slots=True)
class QuarantineAnswer:
    """Catalogs that were set aside, oldest first, of `total`."""

    entries: tuple[SetAside, ...]
    total: int

    def as_json(self) -> dict[str, object]:
        """The shape of `quarantine list`."""
        return {"quarantine": [_as_json(entry) for entry in self.entries]}


@dataclass(frozen=True, slots=True)
class ReviewAnswer:
    """One catalog that was set aside, and the events that approving it would announce.

    `jobs.polls.reviewing` works it out, by the rules of a poll.
    """

    entry: SetAside
    events: tuple[Event, ...]

    def as_json(self) -> dict[str, object]:
        """The shape of `quarantine show`."""
        return _as_json(self.entry) | {"events": [event.as_json() for event in self.events]}


@dataclass(frozen=True, slots=True)
class Decided:
    """Somebody's verdict on a catalog; `version` is the one that approving it made, if it did."""

    entry: SetAside
    version: int | None
    counts: Mapping[str, int]

    def as_json(self) -> dict[str, object]:
        """The shape of `quarantine approve` and `quarantine reject`, without the deliveries."""
        made = {"version": self.version, "counts": dict(self.counts)}
        return {"quarantine": _as_json(self.entry), **made}


def ask(
    transaction: Transaction,
    source: str | None = None,
    *,
    held: bool | None = None,
    limit: int | None = None,
    skip: int = 0,
) -> QuarantineAnswer:
    """What was set aside, of one source or of all.

    Args:
        held: only what nobody has decided on; False for what somebody, or later polls, have.
        limit: the newest so many, but for the newest to `skip`.

    Raises:
        NotFoundError: no such source.
    """
    chosen = None if source is None else choose(transaction, source).id
    states = {None: (), True: (quarantine.HELD,), False: quarantine.DECIDED}[held]
    entries = quarantine.listed(transaction, chosen, states=states, limit=limit, skip=skip)
    total = len(entries)
    if limit is not None:
        total = quarantine.count(transaction, chosen, states=states)
    return QuarantineAnswer(tuple(entries), total)


def ask_one(transaction: Transaction, number: int) -> SetAside:
    """One catalog that was set aside, by its id.

    Raises:
        NotFoundError: there is no such entry.
    """
    return quarantine.get(transaction, number)


def ask_body(transaction: Transaction, number: int) -> bytes:
    """The body that was set aside, byte for byte.

    Raises:
        NotFoundError: there is no such entry.
    """
    return quarantine.body_of(transaction, quarantine.get(transaction, number).id)


def _as_json(entry: SetAside) -> dict[str, object]:
    return {
        "id": entry.id,
        "source": entry.source,
        "at": rfc3339(entry.first_at),
        "last_at": rfc3339(entry.last_at),
        "reason": entry.reason,
        "state": entry.state,
        "models": entry.models,
        "polls": entry.polls,
        "counts": entry.counts,
        "decided_at": time_or_null(entry.decided_at),
    }
