"""Which changes wait before they are announced: rules of values, that read and write nothing.

Per model the changes that wait form a chain of states; a change that leads back to one of them
undoes all that came after.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from pricetrail.catalog.documents import Document, compared_text
from pricetrail.catalog.events import MODEL_TYPES, REPRICED, Event
from pricetrail.catalog.ignored import Ignored
from pricetrail.catalog.versions import NewVersion
from pricetrail.jobs.source import Source
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


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a change.

    `drop`: entries that wait no more; `wait`: the one that waits from now on; `announced`: the ids
    of events that waited and go out now, before `events`, which never waited.
    """

    drop: Sequence[Held] = ()
    wait: Held | None = None
    announced: Sequence[str] = ()
    events: Sequence[Event] = ()


def is_needed(source: Source, poll: Poll) -> bool:
    """Whether any change may wait, or waits already; else all are announced at once."""
    return bool(poll.waits or source.hold or source.confirm_removals > 1)


def changes(new: NewVersion, ids: Mapping[str, int]) -> list[ModelChange]:
    """What a snapshot did to each model; `ids` are the row ids of the models that it touched."""
    by_model: dict[str, list[Event]] = {}
    for event in new.events:
        if event.model is not None and event.type in MODEL_TYPES:
            by_model.setdefault(event.model, []).append(event)
    return [
        ModelChange(
            ids[model],
            events,
            _state(new.comparison.old_documents.get(model), new.ignored),
            _state(new.comparison.new_documents.get(model), new.ignored),
        )
        for model, events in by_model.items()
    ]


def _state(document: Document | None, ignored: Ignored) -> bytes:
    """What stands for a model's state: the same for all that comparison finds equal."""
    if document is None:
        return NOT_VISIBLE
    text = compared_text(document, ignored.covers)
    return sha256(text.encode(errors="surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class Desk:
    """Decides on the changes of one snapshot, one model after the other.

    `version` is the snapshot's, and `good_polls` the source's count of good polls with it.
    """

    source: Source
    source_id: int
    version: int
    good_polls: int

    def decide(self, change: ModelChange, entries: Sequence[Held]) -> Decision:
        """Let a change wait, or undo what waits, or announce both.

        Args:
            entries: what waits for the model already, oldest first.
        """
        chain = [entry for entry in entries if not entry.blip]
        states = [*(entry.state_before for entry in chain[:1]), *(e.state_after for e in chain)]
        if change.after in states:
            return self._undo(change, chain[states.index(change.after) :], entries)
        drop: list[Held] = []
        if chain and self._unconfirmed(chain[-1]):
            # Back, but different: that it was gone is not announced, what it is now is.
            drop = [chain.pop()]
            change = replace(change, before=drop[0].state_before)
        if self._waits(change):
            return Decision(drop, self._entry(change))
        # What waits for this model came first, and is announced first.
        earlier = [event_id for entry in chain for event_id in entry.event_ids]
        return Decision([*drop, *chain], None, earlier, change.events)

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

    def _undo(
        self, change: ModelChange, undone: Sequence[Held], entries: Sequence[Held]
    ) -> Decision:
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
        return Decision([*blips, *undone], blip if self.source.hold else None)


def in_order(due: Sequence[Held], chains: Mapping[int, Sequence[Held]]) -> list[Held]:
    """What may be announced of what is due: of one model never a later change before an earlier.

    Args:
        chains: all that waits for the models of what is due, oldest first.
    """
    ready = {entry.id for entry in due}
    blocked: set[int | None] = set()
    for chain in chains.values():
        waits = False
        for entry in (entry for entry in chain if not entry.blip):
            waits = waits or entry.id not in ready
            if waits:
                blocked.add(entry.id)
    return [entry for entry in due if entry.id not in blocked]
