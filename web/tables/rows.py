"""One model of the table: what it is found and sorted by, and its cells, made when first shown."""

from collections.abc import Collection
from datetime import UTC
from decimal import Decimal
from functools import cached_property

from markupsafe import Markup

from pricetrail.catalog.amounts import plain
from pricetrail.catalog.times import rfc3339
from pricetrail.catalog.units import PER_IMAGE, PER_SECOND, PER_TOKEN, label
from pricetrail.queries.model_listings import NEWS, SPARK, ModelListing, Moment, PriceListing
from pricetrail.text.money import bare_price, price
from pricetrail.text.price_order import place_of
from pricetrail.text.retirements import date_words
from pricetrail.text.sanitize import sanitize
from pricetrail.text.time_ranges import Window, between, day
from pricetrail.web.charts.spark import sparkline
from pricetrail.web.paths import escaped
from pricetrail.web.wording import ago_if_live, arrow

NONE = "(none)"
# Of the prices without a column; the model's own page has them all.
_MOST_OTHERS = 5
_LONGEST_ID = 80
# So many ways in which a row was shown are kept: other columns, exact or not.
_MOST_WAYS = 4
_PER = {PER_IMAGE: "per image", PER_SECOND: "per second"}
_BEFORE = Markup('{name}</a>{new}{ends} <small>{about}</small></th>{cells}<td class="past-days">')
_AFTER = Markup('</td><td class="others{only}">{others}</td>')
_NEW = Markup(' <span class="tag new" title="first seen {}">new</span>')
_ENDS = Markup(' <span class="tag ends">to be retired on {}</span>')
_CELL = Markup(
    '<td class="n" data-label="{}"><span class="price" title="{}">{}{}</span> '
    "<small>{}</small></td>"
)
_NO_CELL = Markup('<td class="n"></td>')
_ITEM = Markup('<span class="price" title="{}">{}{} <b>{}</b></span>')


class Row:
    """A model as a row of the table.

    `type` and `kind` are as a reader may ask for them, `amounts` the prices that can be compared.
    """

    def __init__(self, model: ModelListing) -> None:
        self.model = model
        self.type, self.kind = _word(model.type_target), _word(model.kind)
        self.search = f"{model.id}\n{model.display_name or ''}".casefold()
        self.amounts: dict[str, Decimal] = {
            item.path: item.amount for item in model.prices if item.amount is not None
        }
        self._told: dict[tuple[tuple[str, ...], bool, Moment | None], tuple[Markup, Markup]] = {}
        self._spark: tuple[Moment | None, Markup] | None = None

    @cached_property
    def path(self) -> str:
        """The address of the model's page, below the root path."""
        return escaped(f"/model/{self.model.id}")

    def told(self, columns: tuple[str, ...], exact: bool, moment: Moment) -> Markup:
        """The row from its name on, as the table with these columns has it at a time.

        It is made when it is first shown, and the same whoever looks: the link's address, which
        differs, stands before it. Where nothing happened of late it is the same at all times.
        """
        last, at = self.model.last_change, moment.at
        key = (columns, exact, moment if last > at - NEWS else None)
        found = self._told.get(key)
        if found is None:
            if len(self._told) == _MOST_WAYS:
                self._told.clear()
            found = self._told[key] = Cells(self, moment).around_spark(columns, exact)
        drawn = moment if last > at - SPARK else None
        if self._spark is None or self._spark[0] != drawn:
            self._spark = drawn, sparkline(self.model.spark(moment))
        before, after = found
        return before + self._spark[1] + after


class Cells:
    """The cells of a row, looked at from a time."""

    def __init__(self, row: Row, moment: Moment) -> None:
        self.row, self.model, self.moment = row, row.model, moment
        self._by_path = {item.path: item for item in row.model.prices}

    def around_spark(self, columns: tuple[str, ...], exact: bool) -> tuple[Markup, Markup]:
        """All of them, from the name on: before and behind what is drawn."""
        before = _BEFORE.format(
            name=self.name,
            new=_NEW.format(came) if (came := self.came) else "",
            ends="" if self.model.sunset is None else _ENDS.format(date_words(self.model.sunset)),
            about=self.about,
            cells=Markup("").join(self.cell(path, exact) for path in columns),
        )
        return before, _AFTER.format(
            only=" only" if self._by_path.keys().isdisjoint(columns) else "",
            others=self.others(columns, exact),
        )

    @property
    def name(self) -> Markup:
        """The id: it has room for two lines, and is shortened in the middle beyond them."""
        whole, shown = sanitize(self.model.id, 600), sanitize(self.model.id, _LONGEST_ID)
        titled = Markup(' title="{}"').format(whole) if shown != whole else Markup("")
        return Markup('<code class="id"{}>{}</code>').format(titled, shown)

    @property
    def display_name(self) -> str:
        """The name for people; empty where it says no more than the id."""
        shown = self.model.display_name
        if not isinstance(shown, str) or _letters(shown) == _letters(self.model.id):
            return ""
        return sanitize(shown, 60)

    @property
    def about(self) -> Markup:
        """Its type, if it has one, its kind where it is not the usual one, its name, and whether
        it changed.
        """
        kind = self.row.kind if self.row.kind not in ("token", NONE) else ""
        of_type = self.row.type if self.row.type != NONE else ""
        parts = [of_type, kind, self.display_name, self.changed or ""]
        return Markup(" · ").join(filter(None, parts))

    @property
    def came(self) -> str | None:
        """When it was first seen, if it is new."""
        return between(self.model.visible_since) if self.model.is_new(self.moment) else None

    @property
    def changed(self) -> Markup | None:
        """`▲ changed 2 days ago`, if a price did of late; the script counts how long ago.

        A row is kept for an hour and more: an age that stood in it would be that of its making.
        """
        if not self.model.is_changed(self.moment):
            return None
        recent = [item for item in self.model.prices if self._moved(item)]
        if not recent:
            return Markup("a price was withdrawn")
        rises = sorted({item.direction == "increase" for item in recent if item.direction})
        arrows = Markup(" ").join([arrow(rise) for rise in reversed(rises)] + [Markup("")])
        last = max((item.held_since for item in recent), key=lambda window: window[1])
        return Markup('<span title="{}">{}changed {}</span>').format(
            between(last), arrows, ago_if_live(last[1])
        )

    def cell(self, path: str, exact: bool) -> Markup:
        """The price in its own column, and since when it stands; empty where there is none."""
        item = self._by_path.get(path)
        if item is None:
            return _NO_CELL
        named = sanitize(label(path))
        return _CELL.format(
            named if item.unit == PER_TOKEN else f"{named} {_PER.get(item.unit, item.unit)}",
            self._hint(item),
            self._arrow(item),
            _bare(item, exact),
            held(item.held_since),
        )

    def others(self, columns: Collection[str], exact: bool) -> Markup:
        """The prices that have no column, as many as are read at a glance, conditions last."""
        rest = [
            item
            for item in self.model.prices
            if item.path not in columns and not self._goes_without_saying(item)
        ]
        rest.sort(key=lambda item: place_of(item.path))
        shown = [self._item(item, exact) for item in rest[:_MOST_OTHERS]]
        if len(rest) > _MOST_OTHERS:
            shown.append(Markup("and {} more").format(len(rest) - _MOST_OTHERS))
        return Markup(" ").join(shown)

    def _item(self, item: PriceListing, exact: bool) -> Markup:
        in_words = exact or item.unit == PER_TOKEN or item.amount is None
        return _ITEM.format(
            f"{self._hint(item)}, since {_day(item.held_since)}",
            self._arrow(item),
            sanitize(label(item.path)),
            _bare(item, exact) if in_words else price(item.amount or Decimal(0), item.unit),
        )

    def _hint(self, item: PriceListing) -> str:
        if item.amount is None:
            return "not an amount"
        was = ""
        if self._moved(item) and item.previous is not None:
            was = f", was {plain(item.previous)}"
        return f"{plain(item.amount)} {item.unit}{was}"

    def _arrow(self, item: PriceListing) -> Markup:
        if item.direction is None or not self._moved(item):
            return Markup("")
        return Markup("{} ").format(arrow(item.direction == "increase"))

    def _goes_without_saying(self, item: PriceListing) -> bool:
        """Whether it is the rate of reasoning, which follows that of completion."""
        same = self._by_path.get("/pricing/text/completion")
        reasoning = item.path == "/pricing/text/internal_reasoning"
        return reasoning and same is not None and item.amount == same.amount is not None

    def _moved(self, item: PriceListing) -> bool:
        """Whether it came or moved of late, other than with the model itself."""
        return item.held_since[1] > max(self.moment.at - NEWS, self.model.visible_since[1])


def held(window: Window) -> Markup:
    """The day since when something stands, and the polls between which it came on hover."""
    before, at = window[0] is None, window[1].astimezone(UTC)
    return Markup('{}<time datetime="{}" title="{}" data-day="">{}</time>').format(
        "before " if before else "", rfc3339(at), between(window), day(at)
    )


def _day(window: Window) -> str:
    return ("before " if window[0] is None else "") + day(window[1].astimezone(UTC))


def _bare(item: PriceListing, exact: bool) -> str:
    if item.amount is None:
        return f"“{sanitize(item.flagged, 20)}”"
    return plain(item.amount) if exact else bare_price(item.amount, item.unit)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _word(value: object) -> str:
    return NONE if value in (None, "") else sanitize(value, 40)
