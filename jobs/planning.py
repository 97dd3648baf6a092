"""When the slots of sources are, and their rows made to say so: many sources at once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog.times import to_millisecond
from pricetrail.jobs.polls import missed_slots
from pricetrail.jobs.polls.missed_slots import parsed
from pricetrail.jobs.polls.overdue import overdue_at
from pricetrail.jobs.schedule import jitter, phase
from pricetrail.jobs.source import Source
from pricetrail.jobs.source_secrets import safe_url
from pricetrail.storage import slot_upkeep, slots, sources
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.slots import Planned
from pricetrail.storage.sources import SourceState

When = Callable[[Source, SourceState | None, datetime], datetime]
Report = Callable[[str, Exception], None]


def following(source: Source, after: datetime, now: datetime) -> Planned:
    """A source's first slot after a time, and its share of the period, as of `now`.

    The slots of `every 1h` and its like are a source's own, spread over the period. Those of a
    crontab are what it says, and the poll comes up to a minute later.
    """
    schedule = parsed(source.schedule, source.timezone)
    if schedule.interval is not None:
        own = phase(source.name, schedule.interval)
        slot = schedule.next_after(after - own) + own
        return Planned(slot, slot, now)
    slot = schedule.next_after(after)
    later = jitter(source.name, schedule.period_from(slot))
    return Planned(slot, to_millisecond(slot + later), now)


def planned_slot(source: Source, state: SourceState | None, now: datetime) -> datetime:
    """The slot that a source's row should show: its own, unless that cannot be right.

    A source that is new is due at once. A slot further away than the schedule's next one comes
    from another schedule, or from a clock that was ahead.
    """
    if state is None or state.next_slot_at is None:
        return now
    return min(state.next_slot_at, following(source, now, now).slot_at)


def due_from(source: Source, state: SourceState | None, now: datetime) -> datetime:
    """From when on a source is due to who comes from cron: as planned, or after the last request.

    One that was only ever polled by request is not polled again before its schedule says so.
    """
    if state is None or state.next_slot_at is not None or state.last_poll_at is None:
        return planned_slot(source, state, now)
    after_request = following(source, state.last_poll_at, now).slot_at
    return min(after_request, following(source, now, now).slot_at)


def next_slots(
    database: Database, sources_: Iterable[Source], when: When
) -> dict[str, datetime | None]:
    """When each source is due next, by its name; None where it is paused.

    Args:
        when: `planned_slot`, as the service goes by it, or `due_from`.
    """
    known = {source.name: source for source in sources_}
    with database.read() as connection:
        states = sources.states_of(connection, known)
    now = database.now()
    return {
        name: None
        if name in states and states[name].paused
        else when(source, states.get(name), now)
        for name, source in known.items()
    }


def plan(
    database: Database, sources_: Iterable[Source], when: When, report: Report | None = None
) -> None:
    """Write the slots and schedules that the rows of sources should show, all at once.

    Args:
        when: as for `next_slots`.
        report: told by name what keeps a source from being planned, and the others are; None:
            that is raised, and nothing is written.
    """
    known = {source.name: source for source in sources_}
    with database.read() as connection:
        states = sources.states_of(connection, known)
    # Read after the states: by a time from before them, a slot that another process has served
    # since would seem to be the next one.
    now, plans = database.now(), []
    for name, source in known.items():
        try:
            plans.append(_plan(source, states.get(name), now, when))
        except Exception as error:  # told, unless it is raised: the others are planned
            if report is None:
                raise
            report(name, error)
    wanted = [plan for plan in plans if plan.says_something]
    if wanted:
        with database.write() as connection:
            _write(connection, wanted, states, now)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a source's row should show: its first slot, an earlier one than it shows, or no other.

    `cadence` and from when on it is overdue, where another schedule is in force than was known.
    `put_off`: its slot has come, and whoever could not poll it may have put it off.
    """

    name: str
    url: str
    first: Planned | None = None
    earlier: Planned | None = None
    cadence: tuple[str, datetime] | None = None
    put_off: bool = False

    @property
    def says_something(self) -> bool:
        return bool(self.first or self.earlier or self.cadence or self.put_off)


def _plan(source: Source, state: SourceState | None, now: datetime, when: When) -> _Plan:
    noted = missed_slots.schedules_in_force(state.cadence if state else None, source, now)
    # A schedule is in force from when this program knows it, whatever comes of its polls.
    cadence = None
    if state is None or noted != state.cadence:
        cadence = noted, overdue_at(source, now)
    url = safe_url(source.url)
    if state is None or state.next_slot_at is None:
        slot = when(source, state, now)
        return _Plan(source.name, url, Planned(slot, slot, now), cadence=cadence)
    next_one = following(source, now, now)
    earlier = next_one if next_one.slot_at < state.next_slot_at else None
    has_come = state.next_slot_at <= now and state.lease_until is None
    return _Plan(source.name, url, None, earlier, cadence, has_come)


def _write(
    connection: Transaction, plans: list[_Plan], states: Mapping[str, SourceState], now: datetime
) -> None:
    made = sources.open_sources(
        connection, {plan.name: plan.url for plan in plans if plan.name not in states}, now
    )
    ids = {name: state.id for name, state in {**states, **made}.items()}
    sources.remember_schedules(
        connection, {ids[plan.name]: plan.cadence for plan in plans if plan.cadence}
    )
    slots.plan(connection, {ids[plan.name]: plan.first for plan in plans if plan.first})
    slots.no_later(connection, {ids[plan.name]: plan.earlier for plan in plans if plan.earlier})
    slot_upkeep.recall(connection, [ids[plan.name] for plan in plans if plan.put_off])
