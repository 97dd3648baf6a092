"""Changes that wait: put aside as the rules say, and taken out when they have lasted.

History has recorded everything by then; only announcements wait.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog.events import MODEL_TYPES, Event
from pricetrail.catalog.versions import NewVersion
from pricetrail.jobs.deliveries import hold_rules
from pricetrail.jobs.deliveries.hold_rules import Desk, ModelChange
from pricetrail.jobs.source import Source
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import events as log
from pricetrail.storage.polls import held_changes
from pricetrail.storage.polls.held_changes import Held
from pricetrail.storage.polls.polls import Poll


def hold(
    connection: Transaction,
    source: Source,
    poll: Poll,
    new: NewVersion,
    changes: Sequence[ModelChange],
) -> list[Event]:
    """Let the snapshot's changes wait as the source asks; the events to announce at once."""
    if not changes:
        return new.events
    state = poll.source
    at_once: list[Event] = []
    waiting: dict[int, list[Held]] = {}
    if poll.waits:
        # What had lasted when this poll came was not undone in time, however late it is told.
        at_once = _take_ripe(connection, state.id, new.version.not_after, state.good_polls)
        waiting = held_changes.of_models(connection, sorted(change.model_id for change in changes))
    desk = Desk(source, state.id, new.version.number, state.good_polls + 1)
    at_once += [event for event in new.events if event.type not in MODEL_TYPES]
    for change in changes:
        decision = desk.decide(change, waiting.get(change.model_id, []))
        held_changes.replace(connection, decision.drop, decision.wait)
        at_once += [*log.by_ids(connection, decision.announced), *decision.events]
    return sorted(at_once, key=lambda event: (event.version, event.sequence))


@dataclass(frozen=True, slots=True)
class Released:
    """What may be announced now: events in order, and blips as lists of events."""

    events: list[Event]
    blips: list[list[Event]]


def release(connection: Transaction, now: datetime) -> Released:
    """Take out what has waited long enough; of one model never a later change before an earlier."""
    due = _in_order(connection, held_changes.due(connection, now))
    if not due:
        return Released([], [])
    held_changes.drop(connection, due)
    ids = [event_id for entry in due if not entry.blip for event_id in entry.event_ids]
    blips = [log.by_ids(connection, entry.event_ids) for entry in due if entry.blip]
    return Released(log.by_ids(connection, ids), blips)


def _take_ripe(
    connection: Transaction, source_id: int, now: datetime, good_polls: int
) -> list[Event]:
    """Take out a source's changes that could have been announced before this poll."""
    due = _in_order(connection, held_changes.ripe(connection, source_id, now, good_polls))
    held_changes.drop(connection, due)
    return log.by_ids(connection, [event_id for entry in due for event_id in entry.event_ids])


def _in_order(connection: Transaction, due: Sequence[Held]) -> list[Held]:
    chains = held_changes.of_models(connection, sorted({entry.model_id for entry in due}))
    return hold_rules.in_order(due, chains)
