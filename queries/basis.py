"""On what does an answer rest: which head, and how well do polls cover the time asked about?"""

from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog import merkle
from pricetrail.catalog.times import rfc3339
from pricetrail.queries import coverage
from pricetrail.queries.answers import time_or_null
from pricetrail.queries.coverage import BEFORE_WHY, CoverageAnswer
from pricetrail.queries.price import PriceAnswer
from pricetrail.storage import sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import versions
from pricetrail.storage.polls import coverage as polls
from pricetrail.storage.polls.certainty import BRACKETED, GAP, OBSERVED
from pricetrail.storage.polls.stretches import find_last
from pricetrail.storage.sources import SourceState

NOTHING_WHY = "no good poll yet"


@dataclass(frozen=True, slots=True)
class Window:
    """The first and the last poll that saw a state."""

    since: datetime
    until: datetime

    def as_json(self) -> dict[str, object]:
        """As `observed` of a price."""
        return {"from": rfc3339(self.since), "until": rfc3339(self.until)}


@dataclass(frozen=True, slots=True)
class BasisAnswer:
    """What an answer about one source rests on.

    It is about the time from `since` to `until`, one instant where they are equal; None where
    nothing was seen yet. `certainty` is the weakest within it, and `why` tells of a gap. Of an
    instant there is the `window` in which polls saw its state, of a longer time how much of it was
    observed. `version` and `head` are the newest, 0 and of no meaning where there is none.
    """

    source: str
    version: int
    head: bytes
    last_seen: datetime | None
    since: datetime | None
    until: datetime | None
    certainty: str
    why: str | None = None
    window: Window | None = None
    observed_percent: str | None = None

    def as_json(self) -> dict[str, object]:
        """One entry of a `basis`."""
        head = {"version": self.version, "head": merkle.hash_text(self.head)}
        return {
            "source": self.source,
            "head": head if self.version else None,
            "last_seen": time_or_null(self.last_seen),
            "from": time_or_null(self.since),
            "until": time_or_null(self.until),
            "certainty": self.certainty,
            "why": self.why,
            "observed": None if self.window is None else self.window.as_json(),
            "observed_percent": self.observed_percent,
        }


def ask(transaction: Transaction, source: str | None, at: datetime | None = None) -> BasisAnswer:
    """The basis of an answer about a source's catalog at a time; None for as it was last seen.

    Args:
        source: needed only where there are several.

    Raises:
        SourceNeededError: there are several sources, and none is named.
        NotFoundError: no such source.
    """
    state = sources.choose(transaction, source)
    last = polls.last_seen(transaction, state.id)
    moment = at or last
    around = polls.around(transaction, state.id, moment) if moment is not None else None
    if around is None:
        why = NOTHING_WHY if last is None else BEFORE_WHY
        return _basis(state, last, moment, moment, GAP, why)
    window = Window(around.since, around.until)
    return _basis(state, last, moment, moment, around.certainty, around.why, window)


def ask_over(
    transaction: Transaction,
    source: str | None,
    now: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
) -> BasisAnswer:
    """The basis of an answer about a stretch of time; by default from the first poll to the last.

    Where only a beginning is given, it ends with the last poll, or now if that was before it.

    Raises:
        SourceNeededError, NotFoundError: as `ask`.
    """
    state = sources.choose(transaction, source)
    last = find_last(transaction, state.id)
    if last is None:
        return _basis(state, None, since, until, GAP, NOTHING_WHY)
    if until is None and since is not None and since > last.last_at:
        until = now
    end = None if until is None else min(until, now)
    if end is not None:
        empty = since is not None and end <= since
        if empty or polls.around(transaction, state.id, end) is None:
            return ask(transaction, state.name, end)
    return of_coverage(transaction, coverage.ask(transaction, state.name, now, since, end))


def ask_between(
    transaction: Transaction, source: str, now: datetime, one: int, other: int
) -> BasisAnswer:
    """The basis of what lies between two versions: the time between their first sightings.

    Raises:
        NotFoundError: no such source, or no such version.
    """
    state = sources.choose(transaction, source)
    first, last = sorted(
        versions.get_version(transaction, state.id, version).not_after for version in (one, other)
    )
    return ask_over(transaction, state.name, now, first, last)


def of_coverage(transaction: Transaction, answer: CoverageAnswer) -> BasisAnswer:
    """The basis that a coverage is."""
    state = sources.choose(transaction, answer.source)
    last = polls.last_seen(transaction, state.id)
    if answer.since == answer.until:
        return ask(transaction, state.name, answer.since)
    longest, shares = answer.longest_gap, answer.shares
    certainty = GAP if shares.gap else BRACKETED if shares.bracketed else OBSERVED
    return _basis(
        state,
        last,
        answer.since,
        answer.until,
        certainty,
        None if longest is None else longest.why,
        observed_percent=shares.percent(shares.observed),
    )


def of_price(transaction: Transaction, answer: PriceAnswer) -> BasisAnswer:
    """The basis of a price, whose certainty is about what was asked alone."""
    state = sources.choose(transaction, answer.source)
    last = polls.last_seen(transaction, state.id)
    window = Window(answer.since, answer.until)
    return _basis(state, last, answer.at, answer.at, answer.certainty, answer.why, window)


def _basis(
    state: SourceState,
    last: datetime | None,
    since: datetime | None,
    until: datetime | None,
    certainty: str,
    why: str | None,
    window: Window | None = None,
    observed_percent: str | None = None,
) -> BasisAnswer:
    return BasisAnswer(
        source=state.name,
        version=state.head_version,
        head=state.head_hash,
        last_seen=last,
        since=since,
        until=until,
        certainty=certainty,
        why=why,
        window=window,
        observed_percent=observed_percent,
    )
