"""What must come of each poll: a plain model of one source, from what its gateway served."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pricetrail.jobs.source import Source
from tests.faults.simulation.differences import Differences, Flat, differences, flat_catalog, schema
from tests.faults.simulation.gateway import Catalog, Served
from tests.faults.simulation.holding import Key, Rules, Waiting
from tests.support.certainty_model import MINUTE, Model

CONFIRMING_POLLS, CONFIRMING_TIME = 3, 30 * MINUTE
_FEWEST_FOR_SHARES = 10


@dataclass(frozen=True)
class Fetch:
    """One fetch by the clock here, in seconds; `polls` had been recorded when its poll began."""

    began: int
    ended: int
    served: Served
    polls: int


@dataclass
class Aside:
    """A catalog that was set aside, and when the polls in a row ended that brought it."""

    catalog: Catalog
    row: list[int]
    first: int
    state: str = "held"


@dataclass
class Expected:
    """What must have been written of a poll; `told`: the keys of events that waited no longer.

    `events` are those that a version made, `notices` what happened to the source.
    """

    outcome: str
    version: int
    events: list[tuple[str, str | None]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    told: list[Key] = field(default_factory=list)


class SourceModel:
    """One source, by what was recorded so far."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.catalogs: list[Catalog] = []
        # When each version is said to have come.
        self.came: list[int] = []
        self.known: set[str] = set()
        self.polls = self.good = self.failures = 0
        self.failing = False
        self.asides: list[Aside] = []
        # What the last poll brought, if that was set aside.
        self.last: Aside | None = None
        self.certainty = Model()
        rules = Rules(int(source.hold.total_seconds()), source.hold_rises, source.confirm_removals)
        self.waiting = Waiting(rules)

    @property
    def head(self) -> int:
        """The newest version."""
        return len(self.catalogs)

    def flat(self, version: int) -> dict[str, Flat]:
        """The documents of a version."""
        return flat_catalog(self.catalogs[version - 1])

    def poll(self, fetch: Fetch) -> Expected:
        """A poll is recorded, and nothing was since it began."""
        served, schedule = fetch.served, self.source.schedule
        self.polls += 1
        if served.catalog is None:
            self.certainty.fail(fetch.ended, schedule)
            return self._failed()
        catalog, change = served.catalog, self._differences(served.catalog)
        verdict = self._judge(catalog, change, fetch.ended)
        price = None if verdict == self._set_aside else str(self.head + (change is not None))
        doubt = self.certainty.poll(fetch.began, fetch.ended, served.date, schedule, price)
        if doubt is not None:
            return self._failed()
        self.failures = self.failures if verdict == self._set_aside and self.failing else 0
        self.good += verdict != self._set_aside
        return verdict(catalog, change, fetch.ended)

    def approve(self) -> Expected | None:
        """Somebody accepts what is held; None where nothing is."""
        held = [aside for aside in self.asides if aside.state == "held"]
        if not held or not self.certainty.approve(str(self.head + 1)):
            return None
        held[0].state = "approved"
        self.polls += 1
        self.good += 1
        self.failures = 0
        notices = ["source.released", *self._recovered()]
        change = self._differences(held[0].catalog)
        return self._accept(held[0].catalog, change, held[0].first, notices)

    def reject(self) -> Expected | None:
        """Somebody rejects what is held; None where nothing is."""
        held = [aside for aside in self.asides if aside.state == "held"]
        if not held:
            return None
        held[0].state = "rejected"
        return Expected("", self.head, notices=["source.released"])

    def _differences(self, catalog: Catalog) -> Differences | None:
        """What a catalog changes; None where it is the accepted one."""
        if not self.catalogs:
            return Differences()
        change = differences(self.catalogs[-1], catalog, self.known)
        return change if change.changes else None

    def _judge(
        self, catalog: Catalog, change: Differences | None, at: int
    ) -> "Callable[[Catalog, Differences | None, int], Expected]":
        if change is None:
            return self._unchanged
        if not self._is_odd(catalog, change):
            return self._changed
        aside = self._same(catalog)
        if aside is None or aside.state != "held" or not catalog:
            return self._set_aside
        row = [*(aside.row if self.last is aside else []), at]
        lasted = at - row[0]
        confirmed = len(row) >= CONFIRMING_POLLS and lasted >= CONFIRMING_TIME
        return self._confirmed if confirmed else self._set_aside

    def _is_odd(self, catalog: Catalog, change: Differences) -> bool:
        """Whether it is suspicious: empty, a unit slipped, too much gone or repriced at once."""
        if not catalog:
            return True
        ratio = self.source.max_price_ratio
        moved = [sorted(pair) for one in change.changes for pair in one.prices]
        if any(low > 0 and high >= low * ratio for low, high in moved):
            return True
        before = len(self.catalogs[-1]) if self.catalogs else 0
        shares = (
            (change.number("model.removed"), self.source.max_removed_percent),
            (change.number("model.repriced"), self.source.max_repriced_percent),
        )
        enough = before >= _FEWEST_FOR_SHARES
        return enough and any(number * 100 > most * before for number, most in shares)

    def _same(self, catalog: Catalog) -> Aside | None:
        """The entry of the same catalog that nothing was accepted after."""
        own = flat_catalog(catalog)
        found = [aside for aside in self.asides if aside.state in ("held", "rejected")]
        same = [aside for aside in found if flat_catalog(aside.catalog) == own]
        return same[-1] if same else None

    def _failed(self) -> Expected:
        self.failures += 1
        self.last = None
        notices: list[str] = []
        if not self.failing and self.failures >= self.source.failing_after:
            self.failing = True
            notices = ["source.failing"]
        return Expected("failed", self.head, notices=notices)

    def _unchanged(self, _catalog: Catalog, _change: Differences | None, _at: int) -> Expected:
        return Expected("unchanged", self.head, notices=self._close())

    def _changed(self, catalog: Catalog, change: Differences | None, at: int) -> Expected:
        return self._accept(catalog, change, at, self._close())

    def _confirmed(self, catalog: Catalog, change: Differences | None, _at: int) -> Expected:
        aside = self._same(catalog)
        assert aside is not None
        aside.state = "confirmed"
        return self._accept(catalog, change, aside.first, ["source.released", *self._close()])

    def _set_aside(self, catalog: Catalog, _change: Differences | None, at: int) -> Expected:
        known, notices = self._same(catalog), list[str]()
        if known is None:
            held = [aside for aside in self.asides if aside.state == "held"]
            for aside in held:
                aside.state = "superseded"
            notices = [] if held else ["source.quarantined"]
            known = Aside(catalog, [at], at)
            self.asides.append(known)
        elif known.state == "held":
            known.row = [*(known.row if self.last is known else []), at]
        self.last = known
        return Expected("quarantined", self.head, notices=notices)

    def _close(self) -> list[str]:
        """What a good poll says of what was open."""
        notices = self._recovered()
        for aside in self.asides:
            if aside.state == "held":
                aside.state = "superseded"
                notices.append("source.released")
        self.last = None
        return notices

    def _recovered(self) -> list[str]:
        told, self.failing = self.failing, False
        return ["source.recovered"] * told

    def _accept(
        self, catalog: Catalog, change: Differences | None, at: int, notices: list[str]
    ) -> Expected:
        assert change is not None
        self.catalogs.append(catalog)
        self.came.append(at)
        self.last = None
        # What was set aside is measured against another version from now on.
        self.asides = [aside for aside in self.asides if aside.state == "held"]
        for document in flat_catalog(catalog).values():
            self.known |= schema(document)
        if self.head == 1:
            return Expected("changed", 1, notices=notices)
        told = self.waiting.arrive(self.head, change.changes, at, self.good)
        if change.fresh:
            told.append((self.head, "catalog.schema_changed", None))
        return Expected("changed", self.head, change.events, notices, told)
