"""What did a model cost at a time, and how certain is that?"""

from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog import merkle
from pricetrail.catalog.documents import Document
from pricetrail.catalog.prices import Price, prices_of
from pricetrail.catalog.strict_json import loads
from pricetrail.catalog.times import rfc3339
from pricetrail.storage import sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.history.prices import PriceAt, price_at
from pricetrail.storage.history.versions import ModelState
from pricetrail.storage.polls.certainty import BRACKETED, OBSERVED, Sighting


@dataclass(frozen=True, slots=True)
class Side:
    """A model as polls saw it at a time; `pricing` as served, None where it has none or was not
    `visible`; `sunset_at` likewise, None where it says none."""

    at: datetime
    version: int
    pricing: object
    prices: tuple[Price, ...]
    sunset_at: object = None
    visible: bool = True

    def priced(self) -> dict[str, object]:
        """Its prices as JSON, and its date of retirement where there is one."""
        sunset = {} if self.sunset_at is None else {"sunset_at": self.sunset_at}
        prices = [price.as_json() for price in self.prices]
        return {"pricing": self.pricing, "prices": prices, **sunset}

    def as_json(self) -> dict[str, object]:
        """The entry of `before` or `after`."""
        return {"at": rfc3339(self.at), "version": self.version, **self.priced()}


@dataclass(frozen=True, slots=True)
class PriceAnswer:
    """The prices in force are those of `before`; `hash` is the chain's head at its version.

    `certainty` is `observed`, `bracketed` or `gap`, and `why` tells of a gap. `after` is what the
    next polls saw, None where there were none, or the same polls went on. The prices were seen at
    both ends, `since` and `until`.
    """

    source: str
    model: str
    at: datetime
    certainty: str
    hash: bytes
    since: datetime
    until: datetime
    before: Side
    after: Side | None
    why: str | None

    @property
    def observed(self) -> bool:
        """Whether polls around the time agree on what was asked."""
        return self.certainty == OBSERVED

    @property
    def bracketed(self) -> bool:
        """Whether it changed between `before` and `after`."""
        return self.certainty == BRACKETED

    def as_json(self) -> dict[str, object]:
        """The document of `price` (contract, section 5)."""
        answer: dict[str, object] = {
            "source": self.source,
            "model": self.model,
            "at": rfc3339(self.at),
            "certainty": self.certainty,
            "snapshot": {"version": self.before.version, "hash": merkle.hash_text(self.hash)},
            "observed": self.seen(),
            **self.before.priced(),
        }
        return {**answer, **self.both_sides()}

    def seen(self) -> dict[str, str]:
        """The first and the last time at which the prices in force were seen, as JSON."""
        return {"from": rfc3339(self.since), "until": rfc3339(self.until)}

    def both_sides(self) -> dict[str, object]:
        """What JSON has besides where it is not observed; nothing where it is."""
        if self.observed:
            return {}
        after = None if self.after is None else self.after.as_json()
        return {"before": self.before.as_json(), "after": after, "why": self.why}


def ask(
    transaction: Transaction,
    source: str | None,
    model: str,
    at: datetime | None = None,
    field: str | None = None,
) -> PriceAnswer:
    """The prices of a model at a time; None for as it was last seen.

    Args:
        source: needed only where there are several.
        field: a JSON Pointer to one price, or to a group: then the certainty is about it alone.

    Raises:
        SourceNeededError: there are several sources, and none is named.
        NotFoundError: no such source, no snapshot then, a model or a field that was not there.
    """
    chosen = sources.choose(transaction, source)
    return answer_of(price_at(transaction, chosen, model, at, field), field)


def answer_of(states: PriceAt, field: str | None = None) -> PriceAnswer:
    """The answer that stored states are."""
    around, state = states.around, states.state
    until = around.until
    if state.certainty == OBSERVED and around.after_until is not None:
        # Polls before and after agree on what was asked: the price was seen by both.
        until = around.after_until
    return PriceAnswer(
        source=states.source,
        model=states.model,
        at=states.at,
        certainty=state.certainty,
        hash=states.hash,
        since=around.since,
        until=until,
        before=_side(around.before, state.before, field),
        after=None if around.after is None else _side(around.after, state.after, field),
        why=around.why,
    )


def _side(seen: Sighting, state: ModelState | None, field: str | None) -> Side:
    document: Document = loads(state.document) if state is not None else {}
    return Side(
        seen.at,
        seen.version,
        document.get("pricing"),
        prices_of(document, field),
        document.get("sunset_at"),
        visible=state is not None,
    )
