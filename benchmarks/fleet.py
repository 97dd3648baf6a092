"""A fleet of sources on Postgres: what claims and polls cost, what is stored and remembered."""

import statistics
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import astuple, dataclass
from time import perf_counter

from benchmarks import clocks, fleet_queues
from benchmarks.fleet_databases import FleetDatabase, fleet_database
from benchmarks.fleet_gateway import Fleet, FleetGateway, fleet_gateway
from benchmarks.fleet_replicas import Replica, replica, slots_of
from benchmarks.tables import Row, at_least, at_most
from pricetrail.jobs.slot_workers import POLLS_AT_ONCE
from pricetrail.settings.kept import MOST
from pricetrail.storage.polls.outcomes import CHANGED, UNCHANGED
from tests.support import postgres
from tests.support.postgres import Postgres

ONLY_LINUX = "needs Linux, which keeps the time of each process"
_MIB = 1024 * 1024
_HOURS_A_YEAR, _CHANGES_A_YEAR = 24 * 365, 12
# The goal: so many sources polled every hour by less than half of so many cores, in all.
_HOURLY, _CORES = 100_000, 2
_POLLS = "polls a second of a core"
# The share of polls that may have found something else than what is measured.
_BESIDES = 0.02
# Tables whose rows are written anew at each poll; what is left of the old ones is used again.
_CURRENT = ("source", "slot", "coverage")


@dataclass(frozen=True, slots=True)
class Scale:
    """How many sources each fleet has, and what is measured of it.

    `catalogs` differ, and as many changed polls are measured at a time, of fleets at least three
    times as large. `polls` find nothing new, `jobs` are claimed and finished, `claims` are timed,
    of `at_once` slots each.
    """

    sources: Sequence[int]
    catalogs: int
    polls: int
    jobs: int
    claims: int
    models: int = 25
    at_once: int = POLLS_AT_ONCE


FULL = Scale((1_000, 10_000, 100_000), catalogs=300, polls=3_000, jobs=2_000, claims=50)
QUICK = Scale((100, 200), catalogs=20, polls=100, jobs=50, claims=4, at_once=8)


def run(scale: Scale = FULL) -> Iterator[Row]:
    """Claims, then polls, of one fleet after the other; all on one server."""
    if not clocks.KEPT:
        yield Row("a fleet", ONLY_LINUX, "")
        return
    served = Fleet(scale.sources[-1], scale.catalogs, scale.models, hosts=8, tls=True, seconds=3600)
    with ExitStack() as stack:
        server = stack.enter_context(postgres.running())
        gateway = stack.enter_context(fleet_gateway(served))
        fleets = [
            stack.enter_context(fleet_database(server, gateway, sources))
            for sources in scale.sources
        ]
        yield from _claims(fleets, scale)
        yield from _beside_a_queue(server, fleets[-1], scale)
        yield from _polls(server, gateway, fleets, scale)


def _claims(fleets: Sequence[FleetDatabase], scale: Scale) -> Iterator[Row]:
    """How long it takes to claim a set, by the number of sources, in turn."""
    claiming = [slots_of(fleet.database, fleet.environ) for fleet in fleets]
    took: list[list[float]] = [[] for _ in fleets]
    # The first looks at more than what is due.
    for _ in range(1 + scale.claims):
        for fleet, slots, times in zip(fleets, claiming, took, strict=True):
            fleet.make_due(fleet.some(len(fleets[0].numbers)))
            start = perf_counter()
            claimed = slots.claim(scale.at_once)
            times.append(perf_counter() - start)
            fleet_queues.finish(slots, claimed)
    medians = [statistics.median(times[1:]) for times in took]
    what = f"a claim of {scale.at_once} slots"
    for fleet, median in zip(fleets, medians, strict=True):
        yield Row(f"{what}, {fleet}", 1e3 * median, "ms")
    beside = f"{what}, {fleets[-1]} beside {fleets[0]}"
    yield Row(beside, medians[-1] / medians[0], "x the time", at_most(1.5))


def _beside_a_queue(server: Postgres, fleet: FleetDatabase, scale: Scale) -> Iterator[Row]:
    """Claim and finish without a poll in between, beside a well-known queue on Postgres.

    What a source's settings say is read when it is first claimed, and held from then on.
    """
    slots = slots_of(fleet.database, fleet.environ)
    costs = []
    for _ in range(2):
        fleet.make_due(fleet.some(scale.jobs))
        costs.append(fleet_queues.ours(server, slots, scale.at_once))
    anew, held = costs
    theirs = fleet_queues.procrastinate(server, scale.jobs)
    what = f"claim and finish, {scale.at_once} slots at a time, {fleet}"
    yield Row(what, 1 / held.worked, "slots a second of a core")
    yield Row("procrastinate's jobs that do nothing", 1 / theirs.worked, "jobs a second of a core")
    unit = "x procrastinate's jobs"
    yield Row(f"{what}: on the processors", theirs.worked / held.worked, unit, at_least(5))
    yield Row("the same, all settings read anew", theirs.worked / anew.worked, unit)
    yield Row(f"{what}: by the clock", theirs.took / held.took, unit, at_least(5))
    yield Row("the same, all settings read anew", theirs.took / anew.took, unit)


def _polls(
    server: Postgres, gateway: FleetGateway, fleets: Sequence[FleetDatabase], scale: Scale
) -> Iterator[Row]:
    """What polls by a replica cost, and what they leave behind."""
    seeded = sum(fleets[-1].sizes().values()) / fleets[-1].sources
    with ExitStack() as stack:
        replicas = [stack.enter_context(replica(it.url, it.environ, _held(it))) for it in fleets]
        polling = [_Polling(server, *both) for both in zip(fleets, replicas, strict=True)]
        for one in polling:
            one.begin(scale.polls)
        unchanged = [one.unchanged(scale.polls) for one in polling]
        memory = [one.resident() / _MIB for one in replicas]
        gateway.change(1)
        changed = [one.poll(one.fleet.each_catalog(0), CHANGED) for one in polling]
        again = [one.poll(one.fleet.each_catalog(1), CHANGED) for one in polling]
    for fleet, cost in zip(fleets, unchanged, strict=True):
        yield Row(f"unchanged polls, {fleet}", cost.rate, _POLLS, at_least(400))
        yield Row("of it Postgres", 100 * cost.server * cost.rate, "% of the time")
    for fleet, first, cost in zip(fleets, changed, again, strict=True):
        yield Row(f"polls that find a new list, {fleet}", first.rate, _POLLS)
        yield Row(f"polls that find a list that another source has, {fleet}", cost.rate, _POLLS)
    what = f"{_HOURLY:,} hourly sources, of {fleets[-1]}"
    cores = _HOURLY / 3600 / unchanged[-1].rate
    yield Row(what, cores, f"cores in all, of {_CORES}", at_most(_CORES / 2))
    for fleet, bytes_ in zip(fleets, memory, strict=True):
        yield Row(f"memory of a replica, {fleet}", bytes_, "MiB")
    yield from _stored(seeded, unchanged[-1], changed[-1], scale.models)


def _held(fleet: FleetDatabase) -> int:
    """Of how many sources a replica holds the settings: of a larger fleet it has none at hand."""
    return MOST if fleet.sources <= MOST else 1


def _stored(seeded: float, unchanged: "_Cost", changed: "_Cost", models: int) -> Iterator[Row]:
    """The bytes of a source in a year, from what was seeded and from polls that were made."""
    polls = _HOURS_A_YEAR * unchanged.polls_row
    changes = _CHANGES_A_YEAR * changed.stored
    yield Row(f"a source as it was seeded, {models} models", seeded / 1e3, "kB")
    yield Row("a change, of one model", changed.stored / 1e3, "kB")
    yield Row("the row of a poll", unchanged.polls_row, "bytes")
    year = f"a source-year, extrapolated: hourly polls, {_CHANGES_A_YEAR} changes"
    yield Row(year, (seeded + polls + changes) / 1e3, "kB")
    yield Row("of it the rows of polls, which `db prune` deletes", polls / 1e3, "kB")


@dataclass(frozen=True, slots=True)
class _Cost:
    """What a poll took: seconds on the processors, of the replica and of Postgres, and bytes.

    `polls_row` are those of its row among the polls, `stored` those of the history.
    """

    replica: float
    server: float
    polls_row: float
    stored: float

    @property
    def rate(self) -> float:
        """How many polls one core makes in a second, in all."""
        return 1 / (self.replica + self.server)


class _Polling:
    """Polls of one fleet by one replica, measured."""

    def __init__(self, server: Postgres, fleet: FleetDatabase, polling: Replica) -> None:
        self.fleet = fleet
        self._server, self._replica = server.process, polling

    def begin(self, polls: int) -> None:
        """Poll once all that is measured: a first poll writes down more than those that follow."""
        numbers = {*self.fleet.some(polls), *self.fleet.each_catalog(0)}
        self.fleet.make_due(sorted(numbers | {*self.fleet.each_catalog(1)}))
        self._replica.poll_due()

    def unchanged(self, polls: int) -> _Cost:
        """So many polls at least that find nothing new, of as many sources as there are."""
        some = self.fleet.some(polls)
        rounds = [self.poll(some, UNCHANGED) for _ in range(-(-polls // len(some)))]
        fields = zip(*map(astuple, rounds), strict=True)
        return _Cost(*map(statistics.mean, fields))

    def poll(self, numbers: Sequence[int], outcome: str) -> _Cost:
        """A poll of each of these sources.

        Raises:
            AssertionError: not every poll had the outcome.
        """
        self.fleet.make_due(numbers)
        sizes, times = self.fleet.sizes(), self._worked()
        found = self._replica.poll_due()
        own, server = (now - then for now, then in zip(self._worked(), times, strict=True))
        # Of those that were polled before, a few may have been due again, before or only now.
        if found.total() < len(numbers) or found[outcome] < (1 - _BESIDES) * len(numbers):
            raise AssertionError(f"{found} instead of {outcome} polls of {len(numbers)} sources")
        after = self.fleet.sizes()
        grown = {name: size - sizes[name] for name, size in after.items()}
        polls_row = grown.pop("poll")
        stored = sum(size for name, size in grown.items() if name not in _CURRENT)
        each = found.total()
        return _Cost(own / each, server / each, polls_row / each, stored / each)

    def _worked(self) -> tuple[float, float]:
        return self._replica.worked(), clocks.worked_below(self._server)
