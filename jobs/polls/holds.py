"""Holds: a change may wait before it is announced, and one that is undone meanwhile is a blip.

History has recorded everything by then; only announcements wait. Per model the changes that
wait form a chain of states; a change that leads back to one of them undoes all that came after.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from pricetrail.catalog.catalogs import Catalog
from pricetrail.catalog.documents import compared_text
from pricetrail.catalog.events import MODEL_TYPES, REPRICED, Event
from pricetrail.catalog.ignored import Ignored
from pricetrail.catalog.versions import NewVersion
from pricetrail.jobs.source import Source
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import events as log
from pricetrail.storage.polls import held_changes
from pricetrail.storage.polls.held_changes import Held
from pricetrail.storage.polls.polls import Poll

NOT_VISIBLE = bytes(32)


@dataclass(frozen=True, slots=True)
class ModelChange:
    """What one snapshot did to one model: its events, and its state before and after."""

    model_id: int
    events: list[Event]
    before: bytes
    after: bytes

    @property
    def removal(self) -> bool:
        """Whether the model is not visible any more."""
        return self.after == NOT_VISIBLE

    @property
    def rise(self) -> bool:
        """Whether any price went up."""
        return any(
            event.type == REPRICED and event.direction in ("increase", "mixed")
            for event in self.events
        )


def is_needed(source: Source, poll: Poll) -> bool:
    """Whether any change may wait, or waits already; else all are announced at once."""
    return bool(poll.waits or source.hold or source.confirm_removals > 1)


def changes(step: NewVersion, before: Catalog | None, ids: Mapping[str, int]) -> list[ModelChange]:
    """What a snapshot did to each model.

    Args:
        before: the contents of the version before.
        ids: the row ids of the models that it touched.
    """
    by_model: dict[str, list[Event]] = {}
    for event in step.events:
        if event.model is not None and event.type in MODEL_TYPES:
            by_model.setdefault(event.model, []).append(event)
    return [
        ModelChange(
            ids[model],
            events,
            _state(before, model, step.ignored),
            _state(step.catalog, model, step.ignored),
        )
        for model, events in by_model.items()
    ]


def hold(
    connection: Transaction,
    source: Source,
    poll: Poll,
    step: NewVersion,
    found: Sequence[ModelChange],
) -> list[Event]:
    """Let the snapshot's changes wait as the source asks; the events to announce at once."""
    if not found:
        return step.events
    state = poll.source
    at_once: list[Event] = []
    waiting: dict[int, list[Held]] = {}
    if poll.waits:
        # What had lasted when this poll came was not undone in time, however late it is told.
        at_once = _ripe(connection, state.id, step.version.not_after, state.good_polls)
        waiting = held_changes.of_models(connection, sorted(change.model_id for change in found))
    desk = _Desk(connection, source, state.id, step.version.number, state.good_polls + 1)
    at_once += [event for event in step.events if event.type not in MODEL_TYPES]
    for change in found:
        at_once += desk.receive(change, waiting.get(change.model_id, []))
    return sorted(at_once, key=lambda event: (event.version, event.sequence))


def _state(contents: Catalog | None, model: str, ignored: Ignored) -> bytes:
    """What stands for a model's state: the same for all that comparison finds equal."""
    if contents is None or model not in contents.position:
        return NOT_VISIBLE
    text = compared_text(contents.document(model), ignored.covers)
    return sha256(text.encode(errors="surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class _Desk:
    """Takes in the changes of one snapshot, one model after the other."""

    connection: Transaction
    source: Source
    source_id: int
    version: int
    good_polls: int

    def receive(self, change: ModelChange, entries: Sequence[Held]) -> list[Event]:
        """Hold a change, or give back what is to be announced at once."""
        chain = [entry for entry in entries if not entry.blip]
        states = [*(entry.state_before for entry in chain[:1]), *(e.state_after for e in chain)]
        if change.after in states:
            self._undone(change, chain[states.index(change.after) :], entries)
            return []
        if chain and self._unconfirmed(chain[-1]):
            # Back, but different: that it was gone is not announced, what it is now is.
            removal = chain.pop()
            held_changes.drop(self.connection, [removal])
            change = replace(change, before=removal.state_before)
        if self._waits(change):
            held_changes.add(self.connection, self._entry(change))
            return []
        # What waits for this model came first, and is announced first.
        held_changes.drop(self.connection, chain)
        earlier = [event_id for entry in chain for event_id in entry.event_ids]
        return [*log.by_ids(self.connection, earlier), *change.events]

    def _unconfirmed(self, entry: Held) -> bool:
        """Whether it is a removal that too few polls had agreed on when this one came."""
        return entry.state_after == NOT_VISIBLE and entry.due_polls >= self.good_polls

    def _waits(self, change: ModelChange) -> bool:
        if change.removal and self.source.confirm_removals > 1:
            return True
        exempt = change.rise and not self.source.hold_rises
        return bool(self.source.hold) and not exempt

    def _entry(self, change: ModelChange) -> Held:
        more_polls = self.source.confirm_removals - 1 if change.removal else 0
        return Held(
            source_id=self.source_id,
            model_id=change.model_id,
            version=self.version,
            event_ids=[event.id for event in change.events],
            state_before=change.before,
            state_after=change.after,
            due_at=change.events[0].at + self.source.hold,
            due_polls=self.good_polls + more_polls,
        )

    def _undone(
        self,
        change: ModelChange,
        undone: Sequence[Held],
        entries: Sequence[Held],
    ) -> None:
        """Of a hold one line remains, joined with those of earlier flaps that still wait."""
        blips = [entry for entry in entries if entry.blip]
        entry = self._entry(change)
        parts = [*blips, *undone, entry]
        blip = replace(
            entry,
            blip=True,
            event_ids=[event_id for part in parts for event_id in part.event_ids],
            state_before=parts[0].state_before,
            due_at=min(part.due_at for part in parts),
            due_polls=0,
        )
        held_changes.replace(self.connection, [*blips, *undone], blip if self.source.hold else None)


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


def _ripe(connection: Transaction, source_id: int, now: datetime, good_polls: int) -> list[Event]:
    """Take out a source's changes that could have been announced before this poll."""
    due = _in_order(connection, held_changes.ripe(connection, source_id, now, good_polls))
    held_changes.drop(connection, due)
    return log.by_ids(connection, [event_id for entry in due for event_id in entry.event_ids])


def _in_order(connection: Transaction, due: Iterable[Held]) -> list[Held]:
    found = list(due)
    ready = {entry.id for entry in found}
    chains = held_changes.of_models(connection, sorted({entry.model_id for entry in found}))
    blocked: set[int | None] = set()
    for chain in chains.values():
        waits = False
        for entry in (entry for entry in chain if not entry.blip):
            waits = waits or entry.id not in ready
            if waits:
                blocked.add(entry.id)
    return [entry for entry in found if entry.id not in blocked]
