"""A feed's document: each entry with the exact change, whatever names it holds."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from pricetrail.catalog import merkle
from pricetrail.catalog.amounts import plain
from pricetrail.catalog.changes import ABSENT, Absent, Change
from pricetrail.catalog.documents import Leaf
from pricetrail.catalog.event_details import ModelAdded, ModelRemoved, ModelSunset
from pricetrail.catalog.events import ADDED, REMOVED, Event
from pricetrail.catalog.prices import prices_of
from pricetrail.catalog.strict_json import dumps
from pricetrail.catalog.times import rfc3339
from pricetrail.catalog.units import condition_of, label
from pricetrail.queries.feed import FeedAnswer
from pricetrail.text.lines import NEUTRAL, joined
from pricetrail.text.money import factor
from pricetrail.text.phrases import line_of
from pricetrail.text.price_order import prompt_first
from pricetrail.text.sanitize import sanitize
from pricetrail.text.time_ranges import between

_ATOM, _XHTML = "http://www.w3.org/2005/Atom", "http://www.w3.org/1999/xhtml"
# RFC 4151: who names them, and since when.
_TAG = "tag:pricetrail,2026:"
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses, absolute; `query` is what the feed was asked with."""

    this: str
    first: str
    next: str | None
    timeline: str
    event: Callable[[str], str]
    query: str


def atom(answer: FeedAnswer, links: Links) -> bytes:
    """The document of a feed, as UTF-8."""
    ET.register_namespace("", _ATOM)
    ET.register_namespace("xhtml", _XHTML)
    feed = ET.Element(f"{{{_ATOM}}}feed")
    _add(feed, "id", f"{_TAG}feed" + (f"?{links.query}" if links.query else ""))
    _add(feed, "title", "pricetrail: what changed")
    updated = max((event.at for event in answer.events), default=_BEGINNING)
    _add(feed, "updated", rfc3339(updated))
    _add(_add(feed, "author"), "name", "pricetrail")
    _add(feed, "link", rel="self", type="application/atom+xml", href=links.this)
    _add(feed, "link", rel="alternate", type="text/html", href=links.timeline)
    # RFC 5005, section 3.
    _add(feed, "link", rel="first", href=links.first)
    if links.next is not None:
        _add(feed, "link", rel="next", href=links.next)
    for event in answer.events:
        _entry(feed, event, links)
    text: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _entry(feed: ET.Element, event: Event, links: Links) -> None:
    entry = _add(feed, "entry")
    _add(entry, "id", f"{_TAG}{event.id}")
    _add(entry, "title", sanitize(_title(event), _LONGEST))
    _add(entry, "updated", rfc3339(event.at))
    _add(entry, "link", rel="alternate", type="text/html", href=links.event(event.id))
    _add(entry, "category", term=event.type)
    content = _add(entry, "content", type="xhtml")
    body = ET.SubElement(content, f"{{{_XHTML}}}div")
    _list(body, (f"{name}: {value}" for name, value in _facts(event)))
    _list(body, map(_change, prompt_first(event.changes)))
    _list(body, _prices(event))


def _title(event: Event) -> str:
    """What an event's line says; the model comes first, as lists of titles are searched."""
    line = line_of(event)
    first, rest = line.spans[0].text, joined(line.spans[1:])
    if event.type in _CAME_OR_WENT:
        return f"{first} {_CAME_OR_WENT[event.type]}{rest}"
    return f"{first}{rest}" if line.mark == NEUTRAL else f"{first} {line.mark}{rest}"


_CAME_OR_WENT = {ADDED: "is new", REMOVED: "is no longer visible to this key"}


def _facts(event: Event) -> Iterator[tuple[str, str]]:
    """What is said of every event: what, whose, when."""
    yield "type", event.type
    yield "source", sanitize(event.source, _LONGEST)
    if event.model is not None:
        yield "model", sanitize(event.model, _LONGEST)
    if event.of_snapshot:
        yield "version", str(event.version)
    if event.head is not None:
        yield "head", merkle.hash_text(event.head)
    start, end = event.window
    exact = rfc3339(end) if start is None else f"{rfc3339(start)} to {rfc3339(end)}"
    yield "seen", f"{between(event.window)} ({exact})"
    if event.direction is not None:
        yield "direction", event.direction
    if isinstance(event.details, ModelSunset):
        yield "sunset", sanitize(dumps(event.details.sunset()), _LONGEST)
    elif not event.of_snapshot or event.heading is None:
        for name, value in event.details.as_json().items():
            text = value if isinstance(value, str) else dumps(value)
            yield sanitize(name), sanitize(text, _LONGEST)


def _change(change: Change) -> str:
    """`/pricing/text/prompt: 0.000003 → 0.0000025 USD/token (-16.67 %)`; a condition in words."""
    data = change.as_json()
    old, new = (
        _side(value, data[side]) for value, side in ((change.old, "old"), (change.new, "new"))
    )
    unit = f" {change.unit}" if change.unit else ""
    return f"{_path(change.path)}: {old} → {new}{unit}{_moved(change)}"


def _path(path: str) -> str:
    """A leaf's path; that of a price on a condition with what it means."""
    said = f" ({label(path)})" if condition_of(path) else ""
    return sanitize(f"{path}{said}", _LONGEST)


def _moved(change: Change) -> str:
    """How far a price moved, to both digits; nothing where one of them is free, or nothing."""
    if change.amounts is None or not all(change.amounts):
        return ""
    return f" ({factor(*change.amounts) or f'{change.percent} %'})"


def _side(value: Leaf | Absent, exact: object) -> str:
    if value is ABSENT:
        return "(absent)"
    return sanitize(exact if isinstance(exact, str) else dumps(exact), _LONGEST)


def _prices(event: Event) -> Iterator[str]:
    """The prices of a model that came, or went, exact."""
    if isinstance(event.details, ModelAdded | ModelRemoved):
        for price in prices_of(event.details.document):
            amount = plain(price.amount) if price.amount is not None else f"“{price.flagged}”"
            yield f"{_path(price.path)}: {sanitize(f'{amount} {price.unit}', _LONGEST)}"


def _list(parent: ET.Element, lines: Iterable[str]) -> None:
    items = list(lines)
    if items:
        listed = ET.SubElement(parent, f"{{{_XHTML}}}ul")
        for text in items:
            ET.SubElement(listed, f"{{{_XHTML}}}li").text = text


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    element.text = text
    return element
