"""One event as one calm line: the words that every format for people shares."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, tzinfo
from decimal import Decimal

from pricetrail.catalog.amounts import parse_amount, plain
from pricetrail.catalog.changes import ABSENT, Absent, Change
from pricetrail.catalog.documents import Document, Leaf, is_price_path
from pricetrail.catalog.event_details import (
    ModelAdded,
    ModelChanged,
    ModelRemoved,
    ModelSunset,
    Notice,
    Quarantined,
    Released,
    SchemaChanged,
    SourceFailing,
    SourceRecovered,
    Trial,
)
from pricetrail.catalog.events import REPRICED, Event
from pricetrail.catalog.pointers import dotted, join
from pricetrail.catalog.sunset_dates import PATH as SUNSET_PATH
from pricetrail.catalog.sunset_dates import date_of, sunset_of
from pricetrail.catalog.units import RATIO, is_named, label, unit
from pricetrail.text.kinds import kind_of
from pricetrail.text.lines import Line, Span, mark_of, name
from pricetrail.text.money import bare_price, monthly, price, ratio, share_words
from pricetrail.text.price_order import Place, place_of, prompt_first
from pricetrail.text.retirements import moved, retired_on, retirement
from pricetrail.text.sums import counted
from pricetrail.text.time_ranges import moment

MAX_LEAVES = 8
MAIN_LEAVES = 4


def line_of(event: Event, cost: Decimal | None = None, zone: tzinfo = UTC) -> Line:
    """What an event says, with what it costs a month where that is known; times in a zone."""
    spans = (*_words(event, zone), *cost_words(cost))
    return Line(kind_of(event), spans, mark_of(event.direction))


def cost_words(cost: Decimal | None, of_all: str = "") -> list[Span]:
    """What something costs a month, where that is known; `of_all`: that it is a sum."""
    if cost is None:
        return []
    return [Span(" · "), Span(f"about {monthly(cost)} a month{of_all}", "strong")]


def _words(event: Event, zone: tzinfo) -> Iterator[Span]:
    match event.details:
        case ModelAdded(document):
            return _added(event, document)
        case ModelRemoved():
            return iter([_model(event)])
        case ModelChanged() | ModelSunset():
            return _changed(event)
        case SchemaChanged() as schema:
            return _schema(event, schema)
        case SourceFailing() as failing:
            return _failing(event, failing, zone)
        case SourceRecovered() as recovered:
            return _recovered(event, recovered, zone)
        case Quarantined() as quarantined:
            return _quarantined(event, quarantined)
        case Released() as released:
            return _released(event, released)
        case Notice() | Trial() as notice:
            return _notice(event, notice)


def change_words(change: Change) -> list[Span]:
    """One changed leaf: `prompt $3.00 → $2.50 /1M (−16.7%)`, `prompt became free (was …)`."""
    if change.path == SUNSET_PATH and (date_of(change.old) or date_of(change.new)):
        return [Span(moved(date_of(change.old), date_of(change.new)))]
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
    if measure == RATIO:
        return share_words(before, after)
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
    return [Span(label(path)) if is_named(path) else name(label(path))]


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


def joined_words(parts: list[list[Span]], most: int, noun: str) -> Iterator[Span]:
    """The first parts with dots between them; the rest as `and 3 more prices`."""
    for index, part in enumerate(parts[:most]):
        if index:
            yield Span(" · ")
        yield from part
    if len(parts) > most:
        yield Span(f" · and {counted(len(parts) - most, f'more {noun}')}")


def _model(event: Event) -> Span:
    return name(event.model if event.model is not None else "?")


def _changed(event: Event) -> Iterator[Span]:
    yield _model(event)
    yield Span(" — ")
    yield from changes_words(event)


def changes_words(event: Event) -> Iterator[Span]:
    """All that changed of a model; what is too much for a line is counted."""
    if isinstance(event.details, ModelSunset):
        yield from _sunset_words(event.details)
        return
    changes = [change_words(change) for change in prompt_first(event.changes)]
    yield from joined_words(changes, MAX_LEAVES, "price" if event.type == REPRICED else "field")


def _added(event: Event, document: Document) -> Iterator[Span]:
    yield _model(event)
    prices = [
        spans for _, spans in sorted(_prices("/pricing", document.get("pricing")), key=_place)
    ]
    if prices:
        yield Span(" — ")
        yield from joined_words(prices, MAIN_LEAVES, "price")
    retired = sunset_of(document)
    if retired is not None:
        yield Span(f" · {retired_on(retired, event.at)}")


def _place(price_: tuple[str, list[Span]]) -> tuple[Place, int, str]:
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


def _sunset_words(details: ModelSunset) -> Iterator[Span]:
    yield Span(retirement(details))
    if details.sunset_at is None and details.changes:
        # What stands there now may be words, such as "soon".
        yield from _quoted(", now ", _words_of(details.changes[0].new))


def _words_of(leaf: Leaf | Absent) -> str:
    return leaf if isinstance(leaf, str) else ""


def _failing(event: Event, details: SourceFailing, zone: tzinfo) -> Iterator[Span]:
    yield name(event.source)
    polls = counted(details.failures, "poll", "polls in a row")
    yield Span(f" {'still ' if details.reminder else ''}cannot be read: {polls} failed")
    yield Span(f", since {moment(details.since, zone)}{_missed(details.missed)}")
    yield Span(". Prices stay as last seen until it answers again.")
    yield from _quoted(" Last error: ", details.error)


def _recovered(event: Event, details: SourceRecovered, zone: tzinfo) -> Iterator[Span]:
    yield name(event.source)
    yield Span(f" can be read again after {counted(details.failed_polls, 'failed poll')}")
    yield Span(f", the first at {moment(details.since, zone)}{_missed(details.missed_polls)}.")


def _missed(polls: int) -> str:
    made = counted(polls, "scheduled poll was", "scheduled polls were")
    return f", and {made} never made" if polls else ""


def _quarantined(event: Event, details: Quarantined) -> Iterator[Span]:
    yield Span("A suspicious catalog of ")
    yield name(event.source)
    yield Span(" was set aside")
    yield from _quoted(": ", details.reason)
    yield Span(f". {_would_have(details.counts)}The last good prices stay in force.")
    yield from _quoted(" To review it: ", f"pricetrail quarantine show {details.quarantine}")


def _would_have(counts: Mapping[str, int]) -> str:
    order = ("added", "removed", "repriced", "updated")
    parts = [f"{counts[key]:,} {key}" for key in order if counts.get(key)]
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
        yield Span(f": {_noun('price field', details.paths)} ")
        yield from _names([dotted(path) for path in details.paths])
    if details.kinds:
        comma = "," if details.paths else ":"
        yield Span(f"{comma} {_noun('pricing kind', details.kinds)} ")
        yield from _names(details.kinds)
    if details.models:
        yield Span(", in ")
        yield from _names(details.models)
    yield Span(". Kept, compared and shown like the others.")


def _noun(noun: str, values: Sequence[str]) -> str:
    return noun if len(values) == 1 else f"{noun}s"


def _notice(event: Event, notice: Notice | Trial) -> Iterator[Span]:
    if not isinstance(notice, Notice) or notice.webhook is None or notice.why is None:
        yield name(notice.text or event.type, 300)
        return
    yield from (Span("The webhook "), name(notice.webhook, 60), Span(" is paused"))
    yield from _quoted(": ", notice.why)
    yield Span(". What it is owed is kept")
    yield from _quoted("; once fixed: ", f"pricetrail webhooks resume {notice.webhook}")


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
