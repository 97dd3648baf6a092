"""One row of usage: read at the border into exact quantities, or kept with what is wrong."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from pricetrail.audit.usage.columns import (
    BATCH,
    COST,
    END,
    LABELS,
    MODEL,
    REQUEST_ID,
    SERVICE,
    TIME,
    WINDOW,
)
from pricetrail.audit.usage.prompts import Prompts, prompts
from pricetrail.audit.usage.quantities import DISJOINT, RowError, quantities
from pricetrail.audit.usage.services import service
from pricetrail.catalog import bills
from pricetrail.catalog.times import Moment, TimeError, from_epoch, moment, rfc3339

NO_LABELS: Mapping[str, str] = MappingProxyType({})
_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)
# 1.77267E+09, 1,77267E+09: an epoch in a column that was too narrow.
_ROUNDED = re.compile(r"[0-9]([.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)
# 03/05/2026, 5.3.26
_DAY_OR_MONTH = re.compile(r"[0-9]{1,2}([/.-])[0-9]{1,2}\1([0-9]{4}|[0-9]{2})\b")


class UsageRow(NamedTuple):
    """One use, or a sum of several: disjoint quantities by name, in the units of their prices.

    `line` counts from 1. The use was at `at`, or at any time from then on and before `until`;
    `text` is how that is shown where it is no plain instant. `prompts` says how long the prompt
    of each request can have been. `service` is the service tier that it was asked with (`batch`,
    `priority` …), "" for the standard one. `reported`: what the file says that it cost, in USD.
    `request`: the id of the one request that it is. `labels`: whom it belongs to, by role (`team`,
    `key`, `user`, `project`).
    """

    line: int
    model: str
    at: datetime
    used: dict[str, Decimal]
    prompts: Prompts
    until: datetime | None = None
    text: str | None = None
    service: str = ""
    reported: Decimal | None = None
    request: str | None = None
    labels: Mapping[str, str] = NO_LABELS

    @property
    def time_text(self) -> str:
        """Its time: an instant, a day, or `start/end`."""
        return self.text or rfc3339(self.at)

    def on_day(self, other: datetime) -> "UsageRow":
        """The same use at the same time of another day (both in UTC)."""
        at = self.at.replace(year=other.year, month=other.month, day=other.day)
        return self._replace(at=at, until=self.until and at + (self.until - self.at))


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that says no use; `model` and `at` are as far as they could be read."""

    line: int
    model: str | None
    at: str | None
    why: str


Row: TypeAlias = UsageRow | BadRow


# What a row may say besides its time, its model and its quantities.
EXTRAS = frozenset({SERVICE, BATCH, COST, REQUEST_ID, *LABELS})


class _Extras(NamedTuple):
    """The last four of a row's fields, by their names."""

    service: str = ""
    reported: Decimal | None = None
    request: str | None = None
    labels: Mapping[str, str] = NO_LABELS


def row(
    line: int,
    cells: Iterable[tuple[str, object]] | Mapping[str, object],
    style: str = DISJOINT,
    zone: tzinfo | None = None,
) -> Row:
    """Read a row's cells, each with its column's role. Empty cells are as good as none.

    Args:
        cells: a cost among them is an amount in USD already.
        style: see `quantities`.
        zone: of times without their offset, and of days; without it such times have no price,
            and days are those of UTC.
    """
    by_role = cells if type(cells) is dict else dict(cells)
    # NaN is how analysts' tables write an empty cell; it differs from itself.
    values = {
        name: cell
        for name, cell in by_role.items()
        if cell is not None and cell != "" and cell == cell
    }
    try:
        when, summed = _when(values, zone)
        model, window = _model(values.pop(MODEL, None)), values.pop(WINDOW, None)
        extras = None if EXTRAS.isdisjoint(values) else _extras(values)
        used = quantities(values, style)
        # A cell that could tell how many requests these are, and does not, leaves it open.
        named = extras is not None and extras.request is not None
        single = named or not (summed or bills.REQUESTS in by_role)
        if bills.REQUESTS in used:
            single = used[bills.REQUESTS] == 1
        lengths = prompts(bills.whole_prompt(used), single=single, window=window)
        if extras is None:
            return UsageRow(line, model, when.start, used, lengths, when.end, when.text)
        return UsageRow(line, model, when.start, used, lengths, when.end, when.text, *extras)
    except RowError as error:
        return bad(line, by_role, str(error), zone)


def _extras(values: dict[str, object]) -> _Extras:
    labels = {name: str(values.pop(name)).strip() for name in LABELS if name in values}
    cost, request = values.pop(COST, None), values.pop(REQUEST_ID, None)
    return _Extras(
        service(values.pop(SERVICE, None), values.pop(BATCH, None)),
        cost if isinstance(cost, Decimal) else None,
        None if request is None else str(request),
        labels or NO_LABELS,
    )


def bad(line: int, cells: Mapping[str, object], why: str, zone: tzinfo | None = None) -> BadRow:
    """A row that is kept as far as it can be read."""
    return BadRow(line, _text(cells.get(MODEL)), _time_text(cells.get(TIME), zone), why)


def _when(values: dict[str, object], zone: tzinfo | None) -> tuple[Moment, bool]:
    """The row's time, or stretch of time; and whether that is one for sums of requests."""
    start, last = _moment(values.pop(TIME, None), zone), values.pop(END, None)
    if last is None:
        return start, start.end is not None and _is_days(start)
    end = _moment(last, zone)
    # A day that is named as the last one belongs to the stretch; an instant ends it.
    until = end.end if end.end is not None and _is_days(end) else end.start
    if end.start < start.start:
        raise RowError(f"it ends before it begins: {start.text} to {end.text}")
    if until == start.start:
        return start, _is_days(start)
    if until - start.start == _DAY and start.start.time() == time.min:
        return Moment(start.start, until, start.start.date().isoformat()), True
    return Moment(start.start, until, f"{start.text}/{end.text}"), True


def _is_days(when: Moment) -> bool:
    return when.end is not None and when.end - when.start > _MINUTE


def _moment(value: object, zone: tzinfo | None) -> Moment:
    if value is None:
        raise RowError("it has no time")
    try:
        if isinstance(value, str):
            text = value.strip()
            is_number = text[:1].isdigit() and text[4:5] != "-"
            return from_epoch(text) if is_number else moment(text, zone)
        if isinstance(value, datetime) and value.tzinfo is not None:
            at = value.astimezone(UTC)
            return Moment(at, None, rfc3339(at))
        if isinstance(value, date):
            return moment(value.isoformat(), zone)
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return from_epoch(Decimal(repr(value)) if isinstance(value, float) else value)
    except TimeError as error:
        raise RowError(_spoilt(value) or str(error) + _zone_hint(value, zone)) from None
    raise RowError(f"{str(value)[:80]!r} is not a time with its offset")


def _spoilt(value: object) -> str:
    """What a spreadsheet, or its country's way to write a date, made of a time; "" elsewhere."""
    text = str(value).strip()[:80]
    if _ROUNDED.fullmatch(text):
        return (
            f"{text!r} is a time that a spreadsheet has rounded: take the file as it was exported"
        )
    if _DAY_OR_MONTH.match(text):
        return f"{text!r} does not say which is the day and which the month: write 2026-11-23"
    return ""


def _zone_hint(value: object, zone: tzinfo | None) -> str:
    """What helps where nothing but the offset is missing."""
    if zone is None:
        with suppress(RowError):
            _moment(value, UTC)
            return ", or say --timezone"
    return ""


def _model(value: object) -> str:
    name = value.strip() if isinstance(value, str) else ""
    if name:
        return name
    raise RowError("it names no model")


def _text(value: object) -> str | None:
    return str(value)[:512] if value not in (None, "") else None


def _time_text(value: object, zone: tzinfo | None) -> str | None:
    try:
        return _moment(value, zone).text
    except RowError:
        return _text(value)
