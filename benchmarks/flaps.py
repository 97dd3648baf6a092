"""What a team would have read in its channel, without a hold and with ever longer ones.

No hold may lose a lasting change. That is worked out here from the observations alone, with
nothing of the code that compares catalogs or holds changes.
"""

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Context, Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks.notes import note
from benchmarks.shared import observations
from benchmarks.tables import Row
from pricetrail.catalog.event_details import ModelAdded, ModelRemoved
from pricetrail.catalog.events import ADDED, MODEL_TYPES, Event
from pricetrail.jobs.deliveries.backtest import Announcement, held_back
from pricetrail.jobs.imports.importing import run as import_all
from pricetrail.jobs.imports.observations import Observation
from pricetrail.storage.database import Database
from pricetrail.storage.history import events as log
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.schema import ensure

# A model's leaves by JSON Pointer, None where it is not visible; and when a state began.
State: TypeAlias = dict[str, Any] | None
Lives: TypeAlias = dict[str, list[tuple[datetime, State]]]

HOLDS = {"no hold": 0, "hold of 1 h": 1, "hold of 6 h": 6, "hold of 24 h": 24}


@dataclass(frozen=True, slots=True)
class Reading:
    """What there was to read: a message a snapshot; a line a change, or a flap."""

    messages: int
    lines: int
    blips: int


def run(data: Path, limit: int | None = None) -> Iterator[Row]:
    """Messages and lines by hold.

    Raises:
        AssertionError: a hold would have lost a lasting change.
    """
    found = observations(data, limit)
    note(f"replaying {len(found):,} observations through holds")
    events, real = history(found), lives(found)
    for name, hours in HOLDS.items():
        hold = timedelta(hours=hours)
        announced = list(held_back(events, hold))
        missing = lost(real, announced, hold)
        if missing:
            raise AssertionError(f"{name} lost {len(missing)} changes: {'; '.join(missing[:5])}")
        told = reading(announced)
        yield Row(f"messages, {name}", told.messages, "messages")
        yield Row(f"lines in them, {name}", told.lines, f"lines, {told.blips:,} of them flaps")


def history(found: list[Observation]) -> list[Event]:
    """The events of the observations, oldest first."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'flaps.db'}")
        ensure(database)
        import_all(database, "pipellm", found)
        with database.read() as connection:
            events = [event for _, event in log.read(connection, EventFilter())]
        database.close()
    return events


def reading(announced: Iterable[Announcement]) -> Reading:
    """Count what a channel would have shown; flaps that end together share a message."""
    told = list(announced)
    ends = {one.at for one in told if one.blip}
    blips = sum(one.blip for one in told)
    news = [one for one in told if not one.blip]
    lines = sum(len(one.events) for one in news) + blips
    return Reading(len(news) + len(ends), lines, blips)


def lives(found: Iterable[Observation]) -> Lives:
    """Every model's states in order, by plain comparison of what was observed."""
    known: Lives = {}
    before: dict[str, Any] = {}
    for number, one in enumerate(found):
        models = {model["id"]: model for model in json.loads(one.body)["data"]}
        for name in models.keys() | before.keys():
            if models.get(name) == before.get(name):
                continue
            life = known.setdefault(name, [(one.observed_at, None)] if number else [])
            state = _leaves(models[name]) if name in models else None
            if not life or life[-1][1] != state:
                life.append((one.observed_at, state))
        before = models
    return known


def lost(real: Lives, announced: Iterable[Announcement], hold: timedelta) -> list[str]:
    """The models of which a reader of the announcements missed something that lasted.

    What lasts longer than the hold, and what is there in the end, has to be announced, in order.
    """
    read = {name: [life[0][1]] for name, life in real.items()}
    for one in sorted((one for one in announced if not one.blip), key=lambda one: one.at):
        for name in {event.model for event in one.events if event.type in MODEL_TYPES}:
            own = [event for event in one.events if event.model == name]
            for version in sorted({event.version for event in own}):
                now = [event for event in own if event.version == version]
                read[name or ""].append(_told(read[name or ""][-1], now))
    problems = []
    for name, life in sorted(real.items()):
        if read[name][-1] != life[-1][1]:
            problems.append(f"{name} ends in a state that was not announced")
        elif not _within(_lasting(life, hold), read[name]):
            problems.append(f"{name} had a lasting state that was not announced")
    return problems


def _lasting(life: list[tuple[datetime, State]], hold: timedelta) -> list[State]:
    ends = [began for began, _ in life[1:]]
    kept = [state for (began, state), end in zip(life, ends, strict=False) if end - began > hold]
    return [life[0][1], *kept, life[-1][1]]


def _within(wanted: list[State], read: list[State]) -> bool:
    """Whether `wanted` comes up in `read` in this order; the same state twice in a row is one."""
    place = 0
    for state in wanted:
        while place < len(read) and read[place] != state:
            place += 1
        if place == len(read):
            return False
    return True


def _told(before: State, events: list[Event]) -> State:
    """What a reader takes a model for, after one snapshot's events about it."""
    state = before
    for event in events:
        if isinstance(event.details, ModelAdded | ModelRemoved):
            state = _leaves(event.details.document) if event.type == ADDED else None
            continue
        state = dict(state or {})
        for change in (change.as_json() for change in event.changes):
            path = str(change["path"])
            state.pop(path, None)
            if change["new"] is not None:
                state[path] = _amount(change["new"])
    return state


def _leaves(value: Any, path: str = "") -> dict[str, Any]:
    if isinstance(value, Mapping):
        found: dict[str, Any] = {}
        for key, member in value.items():
            found |= _leaves(member, f"{path}/{key.replace('~', '~0').replace('/', '~1')}")
        return found
    return {path: _amount(value) if path.startswith("/pricing/") else value}


def _amount(value: Any) -> Any:
    try:
        amount = Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        return value
    # The noise of binary floats is no change (contract, "What is compared").
    return round_to_twelve(amount) if len(amount.normalize().as_tuple().digits) >= 15 else amount


round_to_twelve = Context(prec=12).plus
