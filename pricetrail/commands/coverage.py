"""`pricetrail coverage`: what polls vouch for, and gaps."""

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.context import App, pass_app
from pricetrail.options import json_option, source_option

if TYPE_CHECKING:
    from pricetrail.storage.polls.coverage_report import Report

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])", re.ASCII)
_MOST_GAPS = 20


@click.command(
    epilog="""\b
Examples:
  pricetrail coverage
  pricetrail coverage --month 2026-03     day by day, hour by hour
  pricetrail coverage --json
"""
)
@click.option("--month", metavar="YYYY-MM", help="Only this month, as a calendar.")
@source_option
@json_option
@pass_app
def command(app: App, month: str | None, source: str | None, as_json: bool) -> None:
    """Show which times polls cover, and where and why they do not."""
    from pricetrail.render import print_json
    from pricetrail.storage import sources
    from pricetrail.storage.polls.coverage_report import report

    since, until = _range(month)
    database = app.database()
    with database.read() as connection:
        chosen = sources.choose(connection, source)
        found = report(connection, chosen, database.now(), since, until)
    if as_json:
        print_json(found.members())
        return
    _summary(found)
    if found.since == found.until:
        return
    _calendar(found) if month is not None else _months(found)
    _gaps(found)


def _range(month: str | None) -> tuple[datetime | None, datetime | None]:
    if month is None:
        return None, None
    match = _MONTH.fullmatch(month)
    if match is None or match[1] == "0000":
        raise InvalidInputError(f"{month!r} is not a month: write 2026-03")
    first = datetime(int(match[1]), int(match[2]), 1, tzinfo=UTC)
    return first, _next_month(first)


def _next_month(first: datetime) -> datetime:
    return (first + timedelta(days=32)).replace(day=1)


def _summary(found: "Report") -> None:
    from pricetrail.catalog.times import in_words, rfc3339
    from pricetrail.render import line
    from pricetrail.text.sanitize import sanitize

    if found.since == found.until:
        last = found.stretches[-1]
        why = f": {sanitize(last.why, 600)}" if last.why else ""
        line(f"{found.source}: one poll so far, {last.outcome}, at {rfc3339(found.since)}{why}")
        return
    parts = found.shares
    line(f"{found.source} from {rfc3339(found.since)} until {rfc3339(found.until)}")
    line(
        f"{parts.percent(parts.observed)} % observed, {parts.percent(parts.bracketed)} % with a "
        f"change somewhere in it, {parts.percent(parts.gap)} % gap"
    )
    longest = found.longest_gap
    if longest is not None:
        line(
            f"longest gap: {in_words(longest.until - longest.since)}, from {rfc3339(longest.since)}"
        )
    line()


def _months(found: "Report") -> None:
    from pricetrail.render import table
    from pricetrail.storage.polls.coverage_report import shares

    rows, first = [], found.since.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while first < found.until:
        following = _next_month(first)
        begin, end = max(first, found.since), min(following, found.until)
        parts = shares(found.calendar, begin, end)
        rows.append(
            (
                f"{first:%Y-%m}",
                parts.percent(parts.observed),
                parts.percent(parts.bracketed),
                parts.percent(parts.gap),
            )
        )
        first = following
    table(("month", "observed %", "bracketed %", "gap %"), rows)


def _calendar(found: "Report") -> None:
    from pricetrail.render import line

    line("█ observed   ▒ a change somewhere in it   · gap, or part of one     (hours in UTC)")
    line("            0     6     12    18")
    day = found.since
    while day < found.until:
        hours = "".join(_hour(found, day + timedelta(hours=hour)) for hour in range(24))
        line(f"{day:%Y-%m-%d}  {hours}".rstrip())
        day += timedelta(days=1)


def _hour(found: "Report", begin: datetime) -> str:
    from pricetrail.storage.polls.coverage_report import shares

    end = min(begin + timedelta(hours=1), found.until)
    if begin >= end:
        return " "
    parts = shares(found.calendar, begin, end)
    if parts.gap:
        return "·"
    return "▒" if parts.bracketed else "█"


def _gaps(found: "Report") -> None:
    from pricetrail.catalog.times import in_words, rfc3339
    from pricetrail.render import line, table

    line()
    if not found.gaps:
        line("no gaps")
        return
    shown = found.gaps[-_MOST_GAPS:]
    table(
        ("gap from", "until", "length", "why"),
        [
            (rfc3339(gap.since), rfc3339(gap.until), in_words(gap.until - gap.since), gap.why)
            for gap in shown
        ],
    )
    if len(found.gaps) > len(shown):
        line(f"and {len(found.gaps) - len(shown)} earlier gaps: see --month, or --json for all")
