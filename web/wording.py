"""Times, prices, changes and ids as markup: how every page says them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from markupsafe import Markup, escape

from pricetrail.catalog import merkle
from pricetrail.catalog.amounts import plain
from pricetrail.catalog.changes import ABSENT, Absent, Change
from pricetrail.catalog.documents import Leaf
from pricetrail.catalog.events import Event
from pricetrail.catalog.prices import Price
from pricetrail.catalog.times import rfc3339
from pricetrail.catalog.units import bare_label, label, unit
from pricetrail.text.globs import exactly
from pricetrail.text.lines import DOWN, UP, Span
from pricetrail.text.money import bare_price, price, ratio
from pricetrail.text.phrases import change_words, line_of
from pricetrail.text.price_order import prompt_first
from pricetrail.text.retirements import date_words
from pricetrail.text.sanitize import sanitize
from pricetrail.text.sums import counted, dollars, dollars_to
from pricetrail.text.time_ranges import Window, between, day, short

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


def ago_if_live(at: datetime) -> Markup:
    """The same, but on a page that shows the past, or stays as it is, the time."""
    at = at.astimezone(UTC)
    return Markup('<time datetime="{}" data-ago="live">{}, {:%H:%M} UTC</time>').format(
        rfc3339(at), day(at), at
    )


def date(at: datetime) -> Markup:
    """`22 Aug 2026`, with the exact time on hover."""
    at = at.astimezone(UTC)
    return Markup('<time datetime="{}" title="{}" data-day="">{}</time>').format(
        rfc3339(at), rfc3339(at), day(at)
    )


def since(seen: Window) -> Markup:
    """The day on which something came, the two polls around it on hover."""
    start, end = seen
    exact_ = f"by {rfc3339(end)}" if start is None else f"{rfc3339(start)} to {rfc3339(end)}"
    return Markup('<time datetime="{}" title="{}" data-day="">{}</time>').format(
        rfc3339(end), f"{between(seen)}: {exact_}", day(end.astimezone(UTC))
    )


def window(seen: Window) -> Markup:
    """When something happened: short, and the two polls around it on hover."""
    start, end = seen
    exact = f"by {rfc3339(end)}" if start is None else f"{rfc3339(start)} to {rfc3339(end)}"
    return Markup(
        '<span class="window" title="{}" data-from="{}" data-until="{}">{}</span>'
    ).format(
        f"{between(seen)}: {exact}", rfc3339(start) if start else "", rfc3339(end), short(seen)
    )


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


def bare(amount: Decimal, measure: str) -> Markup:
    """The same without its unit, where that stands beside it."""
    return Markup('<span title="{} {}">{}</span>').format(
        plain(amount), measure, bare_price(amount, measure)
    )


def sum_of(amount: Decimal, places: int) -> Markup:
    """A sum with so many decimals, the exact one on hover."""
    return Markup('<span title="{} USD">{}</span>').format(
        plain(amount), dollars_to(amount, places)
    )


def whole(number: int | Decimal) -> str:
    """`1,000,000`."""
    return f"{number:,}"


def arrow(rise: bool) -> Markup:
    """▲ or ▼, read out as a word."""
    kind, sign, word = ("up", UP, "up") if rise else ("down", DOWN, "down")
    return Markup('<span class="{}" role="img" aria-label="{}">{}</span>').format(kind, word, sign)


def change(item: Change) -> Markup:
    """One changed leaf: `prompt $3.00 → $2.50 /1M ▼ 16.7%`."""
    # From nothing, to nothing, and to or from free have words of their own.
    moved = None if item.amounts is None else ratio(*item.amounts)
    if item.amounts is None or moved is None:
        return Markup('<span class="change">{}</span>').format(spans(change_words(item)))
    old, new = item.amounts
    measure = unit(item.path)
    bare, per = _with_unit(new, measure)
    titled = f"{plain(old)} to {plain(new)} {measure}"
    name = sanitize(label(item.path))
    if old == new:
        return Markup('<span class="change" title="{}">{} back at <b>{}</b>{}</span>').format(
            titled, name, bare, per
        )
    return Markup(
        '<span class="change" title="{}">{} {} → <b>{}</b>{} '
        '<span class="nowrap {}">{} {}</span></span>'
    ).format(
        titled,
        name,
        bare_price(old, measure),
        bare,
        per,
        "up" if new > old else "down",
        arrow(new > old),
        moved.lstrip("+−"),
    )


def _with_unit(amount: Decimal, measure: str) -> tuple[str, Markup]:
    """An amount, and its unit as something quieter."""
    bare, whole = bare_price(amount, measure), price(amount, measure)
    return bare, Markup(' <span class="unit">{}</span>').format(whole.removeprefix(bare).strip())


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


def retirement_of(event: Event) -> Markup:
    """What an event says of a date of retirement, without the model."""
    return spans(list(line_of(event).spans)[2:])


def prices_of_event(event: Event) -> Markup:
    """The prices of a model that is new, as its message has them."""
    return spans(list(line_of(event).spans)[2:])


def sentence(text: str) -> str:
    """What is wrong as it stands on a page: it ends with a full stop."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def side(value: Leaf | Absent) -> str:
    """One side of a change, exact."""
    return "–" if value is ABSENT else leaf(value)


def leaf(value: Leaf | Absent) -> str:
    """A value of a document, as text."""
    return plain(value) if isinstance(value, Decimal) else sanitize(value)


FILTERS = {
    "time": time,
    "ago": ago,
    "date": date,
    "since": since,
    "window": window,
    "whole": whole,
    "dollars": dollars,
    "sum_of": sum_of,
    "unit": unit,
    "model_id": model_id,
    "head": head,
    "hash_text": merkle.hash_text,
    "price": price_of,
    "change": change,
    "in_order": prompt_first,
    "event_line": event_line,
    "label": label,
    "bare_label": bare_label,
    "leaf": leaf,
    "side": side,
    "sentence": sentence,
    "exactly": exactly,
    "prices_of_event": prices_of_event,
    "retirement": retirement_of,
    "day_words": date_words,
}
GLOBALS = {"counted": counted, "arrow": arrow, "exact": exact, "bare": bare}
