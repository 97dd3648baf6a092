"""Whether a history and a receiver's ledger are whole, whatever happened to who wrote them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history import events
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.outbox import deliveries
from pricetrail.storage.verification.verify import verify
from tests.support.doomed import IMPORTED
from tests.support.ledger import Ledger
from tests.support.plain_catalogs import Told, served, told

_OPEN = (deliveries.PENDING, deliveries.LEASED)
_PROMPT = "/pricing/text/prompt"


@dataclass
class Reckoning:
    """Holds a database and a ledger against what gateways served up to a round."""

    database: Database
    ledger: Ledger
    seed: int
    webhooks: Sequence[str]
    # How often a message was in somebody's hand who was killed, by webhook and id.
    in_hand: Counter[tuple[str, str]] = field(default_factory=Counter)

    def check(self, ticks: int, *, integrity: bool = False) -> None:
        """Check that nothing is half, lost or invented so far, and that `verify` passes.

        Args:
            ticks: rounds that may have been begun.
            integrity: also let SQLite look at its whole file.
        """
        with self.database.read() as connection:
            if integrity and connection.dialect.name == "sqlite":
                found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
                assert found == ["ok"]
            happened = self._histories(connection, ticks)
            owed = self._owed(connection)
        for webhook in self.webhooks:
            taken = {name for name, _ in self.ledger.taken[webhook]}
            invented = taken - happened.keys()
            assert not invented, f"{webhook} was told of {invented}"
            lost = happened.keys() - taken - owed[webhook]
            assert not lost, f"{webhook} is never told of {[happened[one] for one in lost]}"
            for name, message in self.ledger.taken[webhook]:
                assert _as_told(message) == happened[name][2], name

    def close(self, ticks: int) -> None:
        """Check once nobody is killed any more: all was delivered, in order, and what came twice
        had a reason to."""
        self.check(ticks, integrity=True)
        with self.database.read() as connection:
            assert not deliveries.deliveries(connection, states=_OPEN)
            in_order = self._in_order(connection)
        for webhook in self.webhooks:
            first = self.ledger.first_taken(webhook)
            assert sorted(first) == sorted(name for names in in_order.values() for name in names)
            times = Counter(name for name, _ in self.ledger.taken[webhook])
            for name, number in times.items():
                reasons = self.ledger.lost[webhook, name] + self.in_hand[webhook, name]
                assert number - 1 <= reasons, f"{webhook} took {name} {number} times"
        for names in in_order.values():
            ours = set(names)
            assert [one for one in self.ledger.first_taken("strict") if one in ours] == names

    def _histories(self, connection: Transaction, ticks: int) -> dict[str, tuple[str, int, Told]]:
        """Every event of the sources that are polled, by its id, each where it has to be."""
        happened: dict[str, tuple[str, int, Told]] = {}
        for state in sources.states(connection):
            verdict = verify(connection, state)
            assert verdict.first_break is None, verdict
            bodies = self._bodies(connection, state, ticks)
            assert len(bodies) == state.head_version
            recorded: dict[int, Counter[Told]] = defaultdict(Counter)
            for _, event in events.read(connection, EventFilter(source_id=state.id)):
                one = _as_told(event.as_json())
                recorded[event.version][one] += 1
                if state.name != IMPORTED:
                    happened[event.id] = state.name, event.version, one
            pairs = enumerate(pairwise(bodies), 2)
            expected = {version: Counter(told(*pair)) for version, pair in pairs}
            assert recorded == expected, state.name
        return happened

    def _bodies(
        self, connection: Transaction, state: sources.SourceState, ticks: int
    ) -> list[bytes]:
        """What was served for each version, by its hash."""
        all_served = {
            sha256(body).digest(): body
            for body in (served(self.seed, state.name, tick) for tick in range(ticks + 1))
        }
        ours = t.snapshot.c.source_id == state.id
        query = select(t.snapshot.c.version, t.snapshot.c.body_hash).where(ours)
        rows = connection.execute(query.order_by(t.snapshot.c.version)).all()
        assert [row.version for row in rows] == list(range(1, len(rows) + 1))
        return [all_served[row.body_hash] for row in rows]

    def _owed(self, connection: Transaction) -> dict[str, set[str]]:
        owed: dict[str, set[str]] = defaultdict(set)
        for one in deliveries.deliveries(connection, states=_OPEN):
            owed[one.webhook].update(one.event_ids)
        return owed

    def note_leases(self) -> None:
        """Remember what somebody who was killed had in hand: it may come twice."""
        with self.database.read() as connection:
            for one in deliveries.deliveries(connection, states=(deliveries.LEASED,)):
                self.in_hand.update((one.webhook, name) for name in one.event_ids)

    def _in_order(self, connection: Transaction) -> dict[str, list[str]]:
        names: dict[str, list[str]] = defaultdict(list)
        for _, event in events.read(connection, EventFilter()):
            if event.source != IMPORTED:
                names[event.source].append(event.id)
        return names


def _as_told(message: dict[str, Any]) -> Told:
    data = message["data"]
    prompts = [
        (one["old"], one["new"]) for one in data.get("changes", []) if one["path"] == _PROMPT
    ]
    return Told(message["type"], data["model"]["id"], *(prompts or [(None, None)])[0])
