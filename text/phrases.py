"""One event as one calm line: the words that every format for people shares."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pricetrail.catalog.amounts import parse_amount, plain
from pricetrail.catalog.changes import ABSENT, Absent, Change
from pricetrail.catalog.documents import Document, Leaf, is_price_path
from pricetrail.catalog.event_details import (
    ModelAdded,
    ModelChanged,
    ModelRemoved,
    Notice,
    Quarantined,
    Released,
    SchemaChanged,
    SourceFailing,
    SourceRecovered,
)
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
from pricetrail.catalog.units import label, unit
from pricetrail.text.money import bare_price, monthly, price, ratio
from pricetrail.text.price_order import place_of, prompt_first
from pricetrail.text.sanitize import sanitize
from pricetrail.text.sums import counted
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
    spans = [*_words(event)]
    if cost is not None:
        spans.append(Span(f" · about {monthly(cost)} a month", "strong"))
    return Line(KINDS.get(event.type, "notice"), tuple(spans))


def _words(event: Event) -> Iterator[Span]:
    match event.details:
        case ModelAdded(document):
            return _added(event, document)
        case ModelRemoved():
            return iter([_model(event)])
        case ModelChanged():
            return _changed(event)
        case SchemaChanged() as schema:
            return _schema(event, schema)
        case SourceFailing() as failing:
            return _failing(event, failing)
        case SourceRecovered() as recovered:
            return _recovered(event, recovered)
        case Quarantined() as quarantined:
            return _quarantined(event, quarantined)
        case Released() as released:
            return _released(event, released)
        case Notice(text=text):
            return iter([name(text, 300) if text else name(event.type)])


def change_words(change: Change) -> list[Span]:
    """One changed leaf: `prompt $3.00 → $2.50 /1M (−16.7%)`, `prompt became free (was …)`."""
    leaf, measure = _leaf(change.path), unit(change.path)
    if not is_price_path(change.path):
        return [*leaf, Span(" "), *_side(change.old), Span(" → "), *_side(change.new)]
    if change.priced and not change.flagged:
        return [*leaf, Span(_price_words(change, measure))]
    if _is_nothing(change.old) and _is_nothing(change.new):
        came = change.old is ABSENT
        return [*leaf, Span(" appeared without a price" if came else " gone")]
    old, new = _priced_side(change.old, measure), _priced_side(change.new, measure)
    return [*leaf, Span(" "), *old, Span(" → "), *new]


def _price_words(change: Change, measure: str) -> str:
    """What happened to a price of which neither side is anything but an amount or nothing."""
    before, after = _amount(change.old), _amount(change.new)
    if after is None:
        return "" if before is None else f" price withdrawn (was {price(before, measure)})"
    if before is None:
        return f" price appeared: {price(after, measure)}"
    if after == 0 and before != 0:
        return f" became free (was {price(before, measure)})"
    if before == 0 and after != 0:
        return f" was free, now {price(after, measure)}"
    moved = ratio(before, after)
    words = "" if moved is None else f" ({moved})"
    return f" {bare_price(before, measure)} → {price(after, measure)}{words}"


def _leaf(path: str) -> list[Span]:
    """The leaf's name: ours where the schema is known, else its own, shown literally."""
    words = label(path)
    return [name(words) if words == dotted(path) else Span(words)]


def _amount(leaf: Leaf | Absent) -> Decimal | None:
    return leaf if isinstance(leaf, Decimal) else None


def _is_nothing(leaf: Leaf | Absent) -> bool:
    return leaf is None or leaf is ABSENT


def _side(leaf: Leaf | Absent) -> list[Span]:
    if _is_nothing(leaf):
        return [Span("nothing")]
    return [name(plain(leaf) if isinstance(leaf, Decimal) else leaf, 60)]


def _priced_side(leaf: Leaf | Absent, measure: str) -> list[Span]:
    """One side of a change of which a side is no amount: a price with its unit, else its text."""
    if isinstance(leaf, Decimal):
        return [Span(price(leaf, measure))]
    return [Span("“"), *_side(leaf), Span("”")] if isinstance(leaf, str) else _side(leaf)


def _joined(parts: list[list[Span]], most: int, more: str) -> Iterator[Span]:
    for index, part in enumerate(parts[:most]):
        if index:
            yield Span(" · ")
        yield from part
    if len(parts) > most:
        yield Span(f" · and {len(parts) - most} more {more}")


def _model(event: Event) -> Span:
    return name(event.model if event.model is not None else "?")


def _changed(event: Event) -> Iterator[Span]:
    yield _model(event)
    yield Span(" — ")
    changes = [change_words(change) for change in prompt_first(event.changes)]
    yield from _joined(changes, MAX_LEAVES, "prices" if event.type == REPRICED else "fields")


def _added(event: Event, document: Document) -> Iterator[Span]:
    yield _model(event)
    prices = [
        spans for _, spans in sorted(_prices("/pricing", document.get("pricing")), key=_place)
    ]
    if prices:
        yield Span(" — ")
        yield from _joined(prices, MAIN_LEAVES, "prices")


def _place(price_: tuple[str, list[Span]]) -> tuple[int, str]:
    return place_of(price_[0])


def _prices(path: str, value: object) -> Iterator[tuple[str, list[Span]]]:
    """Each amount below a path: where it stands, and in words."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _prices(join(path, str(key)), member)
        return
    amount = parse_amount(value)
    if amount is not None:
        yield path, [*_leaf(path), Span(f" {price(amount, unit(path))}")]


def _failing(event: Event, details: SourceFailing) -> Iterator[Span]:
    yield name(event.source)
    polls = counted(details.failures, "poll", "polls in a row")
    yield Span(f" cannot be read: {polls} failed")
    yield Span(f", since {moment(details.since)}")
    yield Span(". Prices stay as last seen until it answers again.")
    yield from _quoted(" Last error: ", details.error)


def _recovered(event: Event, details: SourceRecovered) -> Iterator[Span]:
    yield name(event.source)
    yield Span(f" can be read again after {details.failed_polls} failed polls")
    yield Span(f", the first at {moment(details.since)}.")


def _quarantined(event: Event, details: Quarantined) -> Iterator[Span]:
    yield Span("A suspicious catalog of ")
    yield name(event.source)
    yield Span(" was set aside")
    yield from _quoted(": ", details.reason)
    yield Span(f". {_would_have(details.counts)}The last good prices stay in force.")
    yield from _quoted(" To look: ", f"pricetrail quarantine show {details.quarantine}")


def _would_have(counts: Mapping[str, int]) -> str:
    order = ("added", "removed", "repriced", "updated")
    parts = [f"{counts[key]} {key}" for key in order if counts.get(key)]
    return f"Not announced: {', '.join(parts)}. " if parts else ""


_VERDICTS = {
    "approved": "was approved: its changes are announced",
    "rejected": "was rejected: nothing of it is announced",
    "confirmed": "was confirmed by later polls: its changes are announced",
    "superseded": "was dropped: a good catalog came after it",
}


def _released(event: Event, details: Released) -> Iterator[Span]:
    yield Span("The catalog of ")
    yield name(event.source)
    yield Span(f" that was set aside (number {details.quarantine}) ")
    yield Span(_VERDICTS.get(details.verdict, "was released") + ".")


def _schema(event: Event, details: SchemaChanged) -> Iterator[Span]:
    yield Span("Never seen before in ")
    yield name(event.source)
    if details.paths:
        yield Span(": price fields ")
        yield from _names([dotted(path) for path in details.paths])
    if details.kinds:
        yield Span(", kinds of pricing " if details.paths else ": kinds of pricing ")
        yield from _names(details.kinds)
    if details.models:
        yield Span(", in ")
        yield from _names(details.models)
    yield Span(". Kept, compared and shown like the others.")


def _names(values: Sequence[str], most: int = 5) -> Iterator[Span]:
    for index, value in enumerate(values[:most]):
        if index:
            yield Span(", ")
        yield name(value)
    if len(values) > most:
        yield Span(f" and {len(values) - most} more")


def _quoted(words: str, value: str) -> Iterator[Span]:
    if value:
        yield Span(words)
        yield name(value, 200)


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
