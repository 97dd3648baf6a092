"""Which changes wait before they are told: what the contract says of `hold`, in plain loops."""

from dataclasses import dataclass, field

from tests.faults.simulation.differences import Change, Flat

# An event of a model, by what it is about: version, type, model.
Key = tuple[int, str, str | None]


@dataclass(frozen=True)
class Rules:
    """`hold` in seconds, and the settings beside it."""

    hold: int
    rises: bool
    confirm: int


@dataclass
class Entry:
    """A change that waits: until a second, and until so many good polls."""

    keys: list[Key]
    model: str
    before: Flat | None
    after: Flat | None
    due: int
    polls: int
    blip: bool = False


@dataclass
class Waiting:
    """What waits of one source, oldest first."""

    rules: Rules
    entries: list[Entry] = field(default_factory=list)

    def arrive(self, version: int, changes: list[Change], at: int, good: int) -> list[Key]:
        """A version comes with the `good`th good poll: what is told of by now."""
        told = self._take_ripe(at, good - 1)
        for change in changes:
            told += self._decide(version, change, at, good)
        return told

    def release(self, now: int, good: int) -> tuple[list[Key], list[Key]]:
        """What has waited long enough: told of as changes, and as what was undone."""
        due = [e for e in self.entries if e.due <= now and e.polls <= good]
        due = [entry for entry in due if entry.blip or not self._is_blocked(entry, due)]
        self.entries = [entry for entry in self.entries if entry not in due]
        return (
            [key for entry in due if not entry.blip for key in entry.keys],
            [key for entry in due if entry.blip for key in entry.keys],
        )

    def _take_ripe(self, now: int, good: int) -> list[Key]:
        ripe = [e for e in self.entries if not e.blip and e.due <= now and e.polls <= good]
        ripe = [entry for entry in ripe if not self._is_blocked(entry, ripe)]
        self.entries = [entry for entry in self.entries if entry not in ripe]
        return [key for entry in ripe for key in entry.keys]

    def _is_blocked(self, entry: Entry, due: list[Entry]) -> bool:
        """Whether an earlier change of the model still waits."""
        chain = self._chain(entry.model)
        return any(earlier not in due for earlier in chain[: chain.index(entry)])

    def _chain(self, model: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.model == model and not entry.blip]

    def _decide(self, version: int, change: Change, at: int, good: int) -> list[Key]:
        chain, rules = self._chain(change.model), self.rules
        entry = Entry(
            [(version, kind, change.model) for kind in change.types],
            change.model,
            change.before,
            change.after,
            at + rules.hold,
            good + (rules.confirm - 1 if change.after is None else 0),
        )
        undone = self._undone(chain, change.after)
        if undone:
            self._undo(undone, entry)
            return []
        if chain and chain[-1].after is None and chain[-1].polls >= good:
            # Back before the polls had agreed that it was gone, and different.
            gone = chain.pop()
            self.entries.remove(gone)
            entry.before = gone.before
        removal = change.after is None and rules.confirm > 1
        if removal or (rules.hold and not (change.rises and not rules.rises)):
            self.entries.append(entry)
            return []
        self.entries = [one for one in self.entries if one not in chain]
        return [key for one in chain for key in one.keys] + entry.keys

    def _undone(self, chain: list[Entry], after: Flat | None) -> list[Entry]:
        """The changes that a model's state takes back, where it was so before any of them."""
        for number, entry in enumerate(chain):
            if entry.before == after and number == 0:
                return chain
            if entry.after == after:
                return chain[number + 1 :]
        return []

    def _undo(self, undone: list[Entry], entry: Entry) -> None:
        flaps = [one for one in self.entries if one.model == entry.model and one.blip]
        parts = [*flaps, *undone, entry]
        self.entries = [one for one in self.entries if one not in parts]
        if self.rules.hold:
            keys = [key for part in parts for key in part.keys]
            due = min(part.due for part in parts)
            self.entries.append(Entry(keys, entry.model, None, None, due, 0, blip=True))
