"""One event as one calm line: the words that every format for people shares."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from pricetrail.catalog.amounts import parse_amount
from pricetrail.catalog.documents import is_price_path
from pricetrail.catalog.events import (
    ADDED,
    FAILING,
    QUARANTINED,
    RECOVERED,
    RELEASED,
    REMOVED,
    REPRICED,
    SCHEMA_CHANGED,
    UPDATED,
    Event,
)
from pricetrail.catalog.pointers import dotted, join
from pricetrail.catalog.times import utc
from pricetrail.catalog.units import label, unit
from pricetrail.text.money import bare_price, monthly, percent, price
from pricetrail.text.sanitize import sanitize
from pricetrail.text.time_ranges import moment

MAX_LEAVES = 8
MAIN_LEAVES = 4


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text. `name` is from outside (and already cleaned): a channel shows it
    literally, as code where it can. `strong` and `text` are our own words."""

    text: str
    kind: Literal["text", "strong", "name"] = "text"


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a message; `kind` is what it is counted under when it has to be left out."""

    kind: str
    spans: tuple[Span, ...]


def name(value: object, limit: int = 120) -> Span:
    """Text from outside, cleaned."""
    return Span(sanitize(value, limit), "name")


def flat(line: Line) -> str:
    """The line's characters, as they are."""
    return "".join(span.text for span in line.spans)


def line_of(event: Event, cost: Decimal | None = None) -> Line:
    """What an event says, with what it costs a month where that is known."""
    words = _WORDS.get(event.type, _other)
    spans = [*words(event)]
    if cost is not None:
        spans.append(Span(f" · about {monthly(cost)} a month", "strong"))
    return Line(KINDS.get(event.type, "notice"), tuple(spans))


def change_words(change: Mapping[str, Any]) -> list[Span]:
    """One changed leaf: `prompt $3.00 → $2.50 /1M (−16.7%)`, `prompt became free (was …)`."""
    path = str(change.get("path", ""))
    old, new = change.get("old"), change.get("new")
    before, after = parse_amount(old), parse_amount(new)
    measure = str(change.get("unit") or unit(path))
    if not is_price_path(path):
        return [*_leaf(path), Span(" "), *_side(old), Span(" → "), *_side(new)]
    if old is None and new is None:
        came = "old" in change.get("absent", ())
        return [*_leaf(path), Span(" appeared without a price" if came else " gone")]
    if (old is None or before is not None) and (new is None or after is not None):
        return [*_leaf(path), Span(_price_words(before, after, measure, change.get("percent")))]
    sides = _priced_side(old, before, measure), _priced_side(new, after, measure)
    return [*_leaf(path), Span(" "), *sides[0], Span(" → "), *sides[1]]


def _price_words(
    before: Decimal | None, after: Decimal | None, measure: str, ratio: str | None
) -> str:
    if after is None:
        return f" price withdrawn (was {price(before, measure)})" if before is not None else ""
    if before is None:
        return f" price appeared: {price(after, measure)}"
    if after == 0 and before != 0:
        return f" became free (was {price(before, measure)})"
    if before == 0 and after != 0:
        return f" was free, now {price(after, measure)}"
    change = f" ({percent(ratio)})" if ratio else ""
    return f" {bare_price(before, measure)} → {price(after, measure)}{change}"


def _leaf(path: str) -> list[Span]:
    """The leaf's name: ours where the schema is known, else its own, shown literally."""
    words = label(path)
    return [name(words) if words == dotted(path) else Span(words)]


def _side(value: Any) -> list[Span]:
    return [Span("nothing")] if value is None else [name(value, 60)]


def _priced_side(value: Any, amount: Decimal | None, measure: str) -> list[Span]:
    """One side of a change of which a side is no amount: a price with its unit, else its text."""
    if amount is not None:
        return [Span(price(amount, measure))]
    if not isinstance(value, str):
        return _side(value)
    return [Span("“"), *_side(value), Span("”")]


def _joined(parts: list[list[Span]], most: int, more: str) -> Iterator[Span]:
    for place, part in enumerate(parts[:most]):
        if place:
            yield Span(" · ")
        yield from part
    if len(parts) > most:
        yield Span(f" · and {len(parts) - most} more {more}")


def _model(event: Event) -> Span:
    return name(event.model if event.model is not None else "?")


def _changed(event: Event) -> Iterator[Span]:
    yield _model(event)
    yield Span(" — ")
    changes = [change_words(change) for change in event.data.get("changes") or ()]
    yield from _joined(changes, MAX_LEAVES, "prices" if event.type == REPRICED else "fields")


def _added(event: Event) -> Iterator[Span]:
    yield _model(event)
    model = event.data.get("model")
    prices = [*_prices("/pricing", model.get("pricing"))] if isinstance(model, dict) else []
    if prices:
        yield Span(" — ")
        yield from _joined(prices, MAIN_LEAVES, "prices")


def _prices(path: str, value: Any) -> Iterator[list[Span]]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _prices(join(path, str(key)), member)
        return
    amount = parse_amount(value)
    if amount is not None:
        yield [*_leaf(path), Span(f" {price(amount, unit(path))}")]


def _removed(event: Event) -> Iterator[Span]:
    yield _model(event)


def _failing(event: Event) -> Iterator[Span]:
    data = event.data
    yield name(event.source)
    yield Span(f" cannot be read: {data.get('failures', '?')} polls in a row failed")
    yield from _since(data.get("since"), ", since ")
    yield Span(". Prices stay as last seen until it answers again.")
    yield from _quoted(" Last error: ", data.get("error"))


def _recovered(event: Event) -> Iterator[Span]:
    data = event.data
    yield name(event.source)
    yield Span(f" can be read again after {data.get('failed_polls', '?')} failed polls")
    yield from _since(data.get("since"), ", the first at ")
    yield Span(".")


def _quarantined(event: Event) -> Iterator[Span]:
    data = event.data
    yield Span("A suspicious catalog of ")
    yield name(event.source)
    yield Span(" was set aside")
    yield from _quoted(": ", data.get("reason"))
    yield Span(f". {_would_have(data.get('counts'))}The last good prices stay in force.")
    yield from _quoted(" To look: ", f"pricetrail quarantine show {data.get('quarantine', '')}")


def _would_have(counts: Any) -> str:
    if not isinstance(counts, dict):
        return ""
    order = ("added", "removed", "repriced", "updated")
    parts = [
        f"{counts[key]} {key}" for key in order if isinstance(counts.get(key), int) and counts[key]
    ]
    return f"Not announced: {', '.join(parts)}. " if parts else ""


_VERDICTS = {
    "approved": "was approved: its changes are announced",
    "rejected": "was rejected: nothing of it is announced",
    "confirmed": "was confirmed by later polls: its changes are announced",
    "superseded": "was dropped: a good catalog came after it",
}


def _released(event: Event) -> Iterator[Span]:
    verdict = event.data.get("verdict")
    yield Span("The catalog of ")
    yield name(event.source)
    yield Span(f" that was set aside (number {sanitize(event.data.get('quarantine', '?'), 20)}) ")
    yield Span(_VERDICTS.get(str(verdict), "was released") + ".")


def _schema(event: Event) -> Iterator[Span]:
    yield Span("Never seen before in ")
    yield name(event.source)
    for words, key in ((": price fields ", "paths"), (", kinds of pricing ", "kinds")):
        found = event.data.get(key) or []
        if found:
            yield Span(words.replace(", ", ": ") if not event.data.get("paths") else words)
            yield from _names([dotted(path) if key == "paths" else path for path in found])
    models = event.data.get("models") or []
    if models:
        yield Span(", in ")
        yield from _names(models)
    yield Span(". Kept, compared and shown like the others.")


def _names(values: list[Any], most: int = 5) -> Iterator[Span]:
    for place, value in enumerate(values[:most]):
        if place:
            yield Span(", ")
        yield name(value)
    if len(values) > most:
        yield Span(f" and {len(values) - most} more")


def _other(event: Event) -> Iterator[Span]:
    """Types of our own making outside the contract: a test message, a paused webhook."""
    text = event.data.get("text")
    yield name(text, 300) if text else name(event.type)


def _since(value: Any, words: str) -> Iterator[Span]:
    if isinstance(value, str):
        yield Span(words + moment(utc(value)))


def _quoted(words: str, value: Any) -> Iterator[Span]:
    if value:
        yield Span(words)
        yield name(value, 200)


_WORDS: dict[str, Callable[[Event], Iterator[Span]]] = {
    ADDED: _added,
    REMOVED: _removed,
    REPRICED: _changed,
    UPDATED: _changed,
    SCHEMA_CHANGED: _schema,
    FAILING: _failing,
    RECOVERED: _recovered,
    QUARANTINED: _quarantined,
    RELEASED: _released,
}
KINDS = {
    REPRICED: "repriced",
    ADDED: "added",
    REMOVED: "no longer visible",
    UPDATED: "updated",
    SCHEMA_CHANGED: "new in the catalog's format",
    FAILING: "about a source",
    RECOVERED: "about a source",
    QUARANTINED: "about a source",
    RELEASED: "about a source",
}
