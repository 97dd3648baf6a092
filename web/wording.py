"""Times, prices, changes and ids as markup: how every page says them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from markupsafe import Markup, escape

from pricetrail.catalog import merkle
from pricetrail.catalog.amounts import plain
from pricetrail.catalog.changes import Change
from pricetrail.catalog.documents import Leaf
from pricetrail.catalog.events import Event
from pricetrail.catalog.prices import Price
from pricetrail.catalog.times import rfc3339
from pricetrail.catalog.units import label, unit
from pricetrail.text.money import bare_price, percent, price
from pricetrail.text.phrases import Line, Span, change_words, line_of
from pricetrail.text.sanitize import sanitize
from pricetrail.text.sums import counted
from pricetrail.text.time_ranges import Window, between, day, short

UP, DOWN = "▲", "▼"
# A longer id is shortened in the middle; the whole is its title.
_LONGEST_ID = 40
_HEAD = 12


def time(at: datetime | None, otherwise: str = "never") -> Markup:
    """`22 Aug 2026, 21:13 UTC`; the script makes it the reader's own time."""
    if at is None:
        return escape(otherwise)
    at = at.astimezone(UTC)
    return Markup('<time datetime="{}" title="{}">{}, {:%H:%M} UTC</time>').format(
        rfc3339(at), rfc3339(at), day(at), at
    )


def ago(at: datetime | None, otherwise: str = "never") -> Markup:
    """The same, which the script turns into `4 min ago`, or `in 11 min`."""
    if at is None:
        return escape(otherwise)
    at = at.astimezone(UTC)
    return Markup('<time datetime="{}" title="{}" data-ago="">{}, {:%H:%M} UTC</time>').format(
        rfc3339(at), rfc3339(at), day(at), at
    )


def date(at: datetime) -> Markup:
    """`22 Aug 2026`, with the exact time on hover."""
    at = at.astimezone(UTC)
    return Markup('<time datetime="{}" title="{}" data-day="">{}</time>').format(
        rfc3339(at), rfc3339(at), day(at)
    )


def window(seen: Window) -> Markup:
    """When something happened: short, and the two polls around it on hover."""
    start, end = seen
    exact = f"by {rfc3339(end)}" if start is None else f"{rfc3339(start)} to {rfc3339(end)}"
    return Markup('<span class="window" title="{}">{}</span>').format(
        f"{between(seen)}: {exact}", short(seen)
    )


def span_of(length: timedelta) -> str:
    """`38 days`, `5 hours`, `12 minutes`: as long as something held, rounded down."""
    seconds = int(length.total_seconds())
    for size, noun in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return counted(seconds // size, noun)
    return counted(seconds, "second")


def model_id(name: object) -> Markup:
    """An id in monospace, shortened in the middle where it must be."""
    whole = sanitize(name, 600)
    shown = sanitize(name, _LONGEST_ID)
    titled = Markup(' title="{}"').format(whole) if shown != whole else Markup("")
    return Markup('<code class="id"{}>{}</code>').format(titled, shown)


def head(hashed: bytes | None) -> Markup:
    """A chain's head, short; the button copies the whole."""
    if hashed is None:
        return Markup("–")
    text = merkle.hash_text(hashed)
    shown = text.removeprefix("sha256:")[:_HEAD]
    return Markup('<code title="{}" data-copy="{}">{}</code>').format(text, text, shown)


def exact(amount: Decimal, measure: str) -> Markup:
    """A price for people, the exact amount on hover."""
    return Markup('<span title="{} {}">{}</span>').format(
        plain(amount), measure, price(amount, measure)
    )


def price_of(item: Price) -> Markup:
    """One price of a model, or the text that stands where an amount should."""
    if item.amount is None:
        return Markup('<span class="flagged" title="not an amount">“{}”</span>').format(
            sanitize(item.flagged, 40)
        )
    return exact(item.amount, item.unit)


def arrow(rise: bool) -> Markup:
    """▲ or ▼, read out as a word."""
    kind, sign, word = ("up", UP, "up") if rise else ("down", DOWN, "down")
    return Markup('<span class="{}" role="img" aria-label="{}">{}</span>').format(kind, word, sign)


def change(item: Change) -> Markup:
    """One changed leaf: `prompt $3.00 → $2.50 /1M ▼ 16.7%`."""
    old, new = item.old, item.new
    measure = unit(item.path)
    amounts = isinstance(old, Decimal) and isinstance(new, Decimal)
    if not (amounts and item.percent is not None and item.priced):
        return spans(change_words(item))
    assert isinstance(old, Decimal)  # noqa: S101 - mypy cannot see it through `amounts`
    assert isinstance(new, Decimal)  # noqa: S101 - likewise
    rise = new > old
    ratio = percent(item.percent).lstrip("+−")
    return Markup(
        '<span class="change" title="{}"><span class="leaf">{}</span> {} → <b>{}</b> '
        '<span class="{}">{} {}</span></span>'
    ).format(
        f"{plain(old)} to {plain(new)} {measure}",
        sanitize(label(item.path)),
        bare_price(old, measure),
        price(new, measure),
        "up" if rise else "down",
        arrow(rise),
        ratio,
    )


def spans(words: Iterable[Span]) -> Markup:
    """Words as messages have them; what is from outside stands out and is inert."""
    shapes = {
        "text": Markup("{}"),
        "strong": Markup("<b>{}</b>"),
        "name": Markup('<code class="id">{}</code>'),
    }
    return Markup("").join(shapes[span.kind].format(span.text) for span in words)


def event_line(event: Event) -> Markup:
    """What an event says, as one line."""
    return spans(line_of(event).spans)


def line(words: Line) -> Markup:
    """One line of a message."""
    return spans(words.spans)


def leaf(value: Leaf) -> str:
    """A value of a document, as text."""
    return plain(value) if isinstance(value, Decimal) else sanitize(value)


FILTERS = {
    "time": time,
    "ago": ago,
    "date": date,
    "window": window,
    "span_of": span_of,
    "model_id": model_id,
    "head": head,
    "price": price_of,
    "change": change,
    "event_line": event_line,
    "label": label,
    "leaf": leaf,
}
GLOBALS = {"counted": counted, "arrow": arrow, "exact": exact}
