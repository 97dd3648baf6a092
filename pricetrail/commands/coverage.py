"""`pricetrail coverage`: the time that polls cover, and gaps."""

from datetime import datetime, timedelta

import click

from pricetrail.catalog.times import in_words
from pricetrail.context import App, pass_app
from pricetrail.help import Command
from pricetrail.options import MONTH, json_option, source_option
from pricetrail.queries import coverage
from pricetrail.queries.coverage import CoverageAnswer, shares
from pricetrail.render import Column, line, print_json, table, when
from pricetrail.text.sanitize import sanitize

_MOST_GAPS = 20


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail coverage
  pricetrail coverage --month 2026-03     day by day, hour by hour
  pricetrail coverage --json
""",
)
@click.option(
    "--month",
    type=MONTH,
    metavar="YYYY-MM",
    help="Only this month, as a calendar: 2026-03, today (this month), 30d (ago).",
)
@source_option
@json_option
@pass_app
def command(app: App, month: str | None, source: str | None, as_json: bool) -> None:
    """Show which times polls cover, and where and why they do not."""
    since, until = coverage.month_range(month) if month is not None else (None, None)
    database = app.database()
    with database.read() as transaction:
        answer = coverage.ask(transaction, source, database.now(), since, until)
    if as_json:
        print_json(answer.in_pieces())
        return
    _summary(answer)
    if answer.since == answer.until:
        return
    _calendar(answer) if month is not None else _months(answer)
    _gaps(answer)


def _summary(answer: CoverageAnswer) -> None:
    if answer.since == answer.until:
        last = answer.stretches[-1]
        why = f": {sanitize(last.why, 600)}" if last.why else ""
        line(f"{answer.source}: one poll so far, {last.outcome}, at {when(answer.since)}{why}")
        return
    parts = answer.shares
    line(f"{answer.source} from {when(answer.since)} until {when(answer.until)}")
    line(
        f"{parts.percent(parts.observed)} % observed, {parts.percent(parts.bracketed)} % with a "
        f"change somewhere in it, {parts.percent(parts.gap)} % gap"
    )
    longest = answer.longest_gap
    if longest is not None:
        line(f"longest gap: {in_words(longest.until - longest.since)}, from {when(longest.since)}")
    line()


def _months(answer: CoverageAnswer) -> None:
    rows, first = [], answer.since.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while first < answer.until:
        following = (first + timedelta(days=32)).replace(day=1)
        begin, end = max(first, answer.since), min(following, answer.until)
        parts = shares(answer.calendar, begin, end)
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


def _calendar(answer: CoverageAnswer) -> None:
    line("█ observed   ▒ a change somewhere in it   · gap, or part of one")
    line("            0     6     12    18     hours, UTC")
    day = answer.since
    while day < answer.until:
        hours = "".join(_hour(answer, day + timedelta(hours=hour)) for hour in range(24))
        line(f"{day:%Y-%m-%d}  {hours}".rstrip())
        day += timedelta(days=1)


def _hour(answer: CoverageAnswer, begin: datetime) -> str:
    end = min(begin + timedelta(hours=1), answer.until)
    if begin >= end:
        return " "
    parts = shares(answer.calendar, begin, end)
    if parts.gap:
        return "·"
    return "▒" if parts.bracketed else "█"


def _gaps(answer: CoverageAnswer) -> None:
    line()
    if not answer.gaps:
        line("no gaps")
        return
    latest = answer.gaps[-_MOST_GAPS:]
    table(
        ("gap from", Column("until", drop=1), "length", "why"),
        [(gap.since, gap.until, in_words(gap.until - gap.since), gap.why) for gap in latest],
    )
    if len(answer.gaps) > len(latest):
        line(f"and {len(answer.gaps) - len(latest)} earlier gaps: see --month, or --json for all")
