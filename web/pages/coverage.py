"""Coverage: which time polls cover, as a calendar, and every gap with why."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MINYEAR, UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Query
from starlette.responses import Response

from pricetrail.catalog.errors import InvalidInputError, NotFoundError
from pricetrail.catalog.times import in_words, rfc3339
from pricetrail.queries import coverage, covered
from pricetrail.queries.coverage import Shares
from pricetrail.queries.coverage_parts import DAY, HOUR
from pricetrail.queries.covered import Covered, Extent, ask_extent
from pricetrail.storage.database import Transaction
from pricetrail.storage.remembered import Apart
from pricetrail.web import calendars
from pricetrail.web.asked import Asked, ThisRequest
from pricetrail.web.calendars import Month, MonthName
from pricetrail.web.layout import BRIEFLY, page

router = APIRouter(include_in_schema=False)

# Gaps on one page of them.
_GAPS = 50
_YEAR = re.compile(r"[0-9]{4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Period:
    """What is shown: a month, a year, or the twelve months that end now."""

    since: datetime
    until: datetime
    month: date | None
    year: int | None


class _Told(NamedTuple):
    """What a period has to tell, the months of a year, or what else is drawn."""

    answer: Covered
    months: tuple[Month, ...]
    drawing: Mapping[str, object]


# So many periods of a database; each is some hundred kilobytes.
_KNOWN: Apart[tuple[str, _Period], _Told] = Apart(50)
# So many months: most never change.
_drawn = lru_cache(maxsize=500)(calendars.drawn)


@router.get("/coverage")
def show(
    asked: ThisRequest,
    year: str = "",
    month: str = "",
    number: Annotated[int, Query(ge=1, le=100_000, alias="page")] = 1,
) -> Response:
    """The calendar of a year, or the days of a month."""
    if asked.chosen is None:
        return _page(asked, "coverage.html", extent=None)
    now = asked.site.database.now()
    at = min(asked.at or now, now)
    period = _period(year, month, at)
    with asked.site.database.read() as transaction:
        extent = ask_extent(transaction, asked.chosen)
        if extent.first is None:
            return _page(asked, "coverage.html", extent=extent, answer=None)
        since, until = max(period.since, extent.first), _end(period, extent, at)
        if since > until:
            raise NotFoundError(
                f"{extent.source} was first seen at {rfc3339(extent.first)}: nothing is known "
                f"from {rfc3339(period.since)} to {rfc3339(period.until)}"
            )
        told = _told(transaction, extent, period, since, until)
    answer, _, drawing = told
    context = _around(extent, period, at) | _gaps(answer, number)
    # What has ended stays as it is, whatever the time is.
    ended = period.until <= at or asked.at is not None
    return _page(
        asked, _template(period), timeless=ended or BRIEFLY, answer=answer, **context, **drawing
    )


def _page(
    asked: Asked, template: str, *, timeless: bool | timedelta = False, **context: Any
) -> Response:
    return page(
        asked.request,
        template,
        title="Coverage",
        active="coverage",
        timeless=timeless,
        sources=asked.sources,
        chosen=asked.chosen,
        length=in_words,
        **context,
    )


def _period(year: str, month: str, at: datetime) -> _Period:
    """What was asked for.

    Raises:
        InvalidInputError: no year, or no month.
    """
    if month:
        begin, end = coverage.month_range(month)
        return _Period(begin, end, begin.date(), None)
    if year:
        if not _YEAR.fullmatch(year) or int(year) in (0, 9999):
            raise InvalidInputError(f"{year[:40]!r} is not a year: write one such as 2026")
        start = date(int(year), 1, 1)
        return _Period(_start(start), _start(start.replace(year=start.year + 1)), None, start.year)
    this = at.astimezone(UTC).date().replace(day=1)
    following = calendars.next_month(this)
    since = following.replace(year=max(MINYEAR, following.year - 1))
    return _Period(_start(since), _start(following), None, None)


def _start(first: date) -> datetime:
    return datetime(first.year, first.month, first.day, tzinfo=UTC)


def _end(period: _Period, extent: Extent, at: datetime) -> datetime:
    """Where the period ends, as far as it is told."""
    assert extent.last is not None  # noqa: S101 - whoever calls has looked
    return coverage.told_until(extent.last, min(period.until, at))


def _around(extent: Extent, period: _Period, at: datetime) -> dict[str, object]:
    """Where one can go from here."""
    assert extent.first is not None  # noqa: S101 - whoever calls has looked
    years = range(at.year, extent.first.year - 1, -1)
    found: dict[str, object] = {"extent": extent, "period": period, "years": years, "at_time": at}
    if period.month is not None:
        earlier = (period.month - DAY).replace(day=1)
        later = calendars.next_month(period.month)
        found["earlier"] = MonthName(earlier) if _start(period.month) > extent.first else None
        found["later"] = MonthName(later) if _start(later) <= at else None
    return found


def _gaps(answer: Covered, number: int) -> dict[str, object]:
    """One page of the gaps, newest first."""
    newest = answer.gaps[::-1]
    shown = newest[(number - 1) * _GAPS : number * _GAPS]
    more = len(newest) > number * _GAPS
    return {"gaps": shown, "gap_count": len(newest), "number": number, "more": more}


def _told(
    transaction: Transaction, extent: Extent, period: _Period, since: datetime, until: datetime
) -> _Told:
    """What there is to tell of a period, from what was told of it last."""
    known = _KNOWN.of(transaction.engine)
    last = known.find((extent.source, period))
    answer = covered.ask(transaction, extent, since, until, DAY)
    if last is not None and last.answer is answer:
        return last
    months: list[Month] = []
    if period.month is None:
        months = calendars.months(answer.parts, since, until, () if last is None else last.months)
        drawing: dict[str, object] = {"months": months, "drawn": _drawn}
    else:
        each_hour = covered.ask(transaction, extent, since, until, HOUR).parts
        drawing = {
            "month": MonthName(period.month),
            "days": calendars.hours(answer.parts, each_hour),
        }
    drawing["to_last"] = _to_last_poll(answer, extent)
    told = _Told(answer, tuple(months), drawing)
    known.put((extent.source, period), told)
    return told


def _template(period: _Period) -> str:
    return "coverage.html" if period.month is None else "coverage_month.html"


def _to_last_poll(answer: Covered, extent: Extent) -> Shares | None:
    """As `pricetrail coverage` counts; None where the last poll is not within what is shown."""
    if extent.last is None or not answer.since < extent.last < answer.until:
        return None
    return answer.shares_until(extent.last)
