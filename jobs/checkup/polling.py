"""Whether the polls of a source come, bring something, and come as their schedule says."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from pricetrail.catalog.event_types import SUNSET, UPDATED
from pricetrail.catalog.times import in_words
from pricetrail.jobs.checkup.findings import FAIL, OK, WARN, Finding
from pricetrail.jobs.polls.missed_slots import parsed
from pricetrail.jobs.source import Source
from pricetrail.storage import source_pages, sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import events
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.polls import poll_counts, recent
from pricetrail.storage.source_names import FEW, SomeNames
from pricetrail.storage.sources import SourceState
from pricetrail.text.sums import counted

# So many polls tell a habit from chance.
_FEWEST, _LOOKED_AT = 6, 40


def look(
    transaction: Transaction,
    source: Source,
    now: datetime,
    most: timedelta | None,
    former: Sequence[str] = (),
) -> Iterator[Finding]:
    """Look at what is recorded of a source.

    Args:
        most: how old its last good poll may be; None: as old as its schedule lets it be.
        former: what was polled once and is not configured any more; one may be its old name.
    """
    state = sources.state(transaction, source.name)
    if state is None or state.last_poll_at is None:
        verdict = WARN if most is None else FAIL
        yield Finding(
            f"polls of {source.name}",
            verdict,
            f"none yet: run `pricetrail poll` or `pricetrail run`{_renamed(source.name, former)}",
        )
        return
    late = poll_counts.is_late(transaction, state.id, now)
    yield _age(source, state, now, most, late=late)
    if state.holding:
        yield Finding(
            f"quarantine of {source.name}",
            WARN,
            "a catalog waits for a decision: see `pricetrail quarantine list`",
        )
    polls = recent.polls(transaction, state.id, _LOOKED_AT)
    if len(polls) >= _FEWEST:
        yield from _rhythm(source, [poll.finished_at for poll in polls])
        yield from _restless(transaction, source, state, polls)


def wrong(
    transaction: Transaction,
    configured: Collection[str],
    now: datetime,
    most: timedelta | None,
) -> list[str]:
    """Which of many sources something is wrong with by their rows alone; `most` as for `look`.

    Those that were never polled, that fail, are paused, overdue or too old, or have a catalog in
    quarantine.
    """
    sound = source_pages.sound(transaction, now, None if most is None else now - most)
    return [name for name in configured if name not in sound]


def rest(configured: int, wrong: int, shown: int) -> Finding:
    """Say of many sources how many are as they should be, and how many more are not."""
    all_ = counted(configured, "source")
    if not wrong:
        return Finding("polls", OK, f"{all_}, all as they should be")
    more = f", of which the first {shown} are told here" if wrong > shown else ""
    text = f"something is wrong with {wrong:,} of {all_}{more}"
    return Finding("polls", FAIL if wrong > shown else OK, text)


def _renamed(name: str, former: Sequence[str]) -> str:
    """What is to be done first where a source has another name than its history."""
    if not former:
        return ""
    rename = f"`pricetrail sources rename {former[0]} {name}`"
    named = SomeNames(tuple(former[:FEW]), len(former)).in_words()
    return (
        f"; {named} of the database is not in the configuration: "
        f"if {name} is its new name, run {rename} first, or a new history begins"
    )


def _age(
    source: Source, state: SourceState, now: datetime, most: timedelta | None, *, late: bool
) -> Finding:
    check = f"polls of {source.name}"
    if state.paused:
        resume = f"`pricetrail sources resume {source.name}` lets `run` poll it"
        return Finding(check, WARN if most is None else FAIL, f"paused: {resume}")
    if state.good_at is None:
        return Finding(check, FAIL, f"none has succeeded yet: {state.last_error}")
    age = max(now - state.good_at, timedelta(0))
    text = f"last good one {in_words(age)} ago"
    if most is not None and age > most:
        return Finding(check, FAIL, f"{text}, more than {in_words(most)}{_why(state)}")
    if state.failures:
        failed = counted(state.failures, "has failed", "have failed")
        return Finding(check, FAIL, f"{text}, {failed} since{_why(state)}")
    if late:
        return Finding(
            check, FAIL, f"{text}, overdue: does `pricetrail run`, cron or the timer still run?"
        )
    return Finding(check, OK, text)


def _why(state: SourceState) -> str:
    return f": {state.last_error}" if state.failures and state.last_error else ""


def _rhythm(source: Source, times: list[datetime]) -> Iterator[Finding]:
    """Polls that come less often than the schedule has slots leave a gap in every answer."""
    gaps = sorted(later - earlier for earlier, later in pairwise(sorted(times)))
    usual, period = gaps[len(gaps) // 2], parsed(source.schedule, source.timezone).period(times[0])
    if usual > period * 3 / 2:
        yield Finding(
            f"schedule of {source.name}",
            WARN,
            f"says every {in_words(period)}, polls come every {in_words(usual)}: slots without a "
            "poll are gaps, so set schedule to what cron or the timer does",
        )


def _restless(
    transaction: Transaction, source: Source, state: SourceState, polls: list[recent.RecentPoll]
) -> Iterator[Finding]:
    """Name fields that change at more than half of the polls (fault 105): they are noise."""
    since = min(poll.finished_at for poll in polls)
    wanted = EventFilter(source_id=state.id, since=since, types=(UPDATED, SUNSET), limit=5_000)
    versions: dict[str, set[int]] = {}
    for _, event in events.read(transaction, wanted):
        for change in event.changes:
            versions.setdefault(change.path, set()).add(event.version)
    counts = Counter({path: len(found) for path, found in versions.items()})
    noisy = sorted(path for path, number in counts.items() if number > len(polls) / 2)
    if noisy:
        written = ", ".join(f'"{path}"' for path in noisy[:5])
        yield Finding(
            f"fields of {source.name}",
            WARN,
            f"{', '.join(noisy[:5])} changed at more than half of the last {len(polls)} polls: if "
            f"that is noise, write ignore = [{written}]",
        )
