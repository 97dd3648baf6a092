"""What must hold after each commit, whoever made it: the models' word against the tables."""

import json
from collections import Counter
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from pricetrail.alerts.webhooks import STRICT
from tests.faults.simulation.holding import Key
from tests.faults.simulation.model import Expected, Fetch
from tests.faults.simulation.rows import DeliveryRow, EventRow, PollRow, SlotRow, State
from tests.faults.simulation.scheduler import Actor
from tests.support.certainty_model import BASE, MINUTE

if TYPE_CHECKING:
    from tests.faults.simulation.world import World

_LONGEST_LEASE = 11 * MINUTE
_PAUSED = "webhook.paused"
_OPEN = ("pending", "leased")


class Ledger:
    """Follows the tables from commit to commit.

    `expected`: what an operator's verdict must come to, until it is committed.
    """

    def __init__(self, world: "World") -> None:
        self.world = world
        self.expected: Expected | None = None
        # Events by their ids, and the ids of models' events by what they are about.
        self.events: dict[str, EventRow] = {}
        self.ids: dict[tuple[str, Key], str] = {}
        self.slots_polled: set[tuple[str, float]] = set()
        # Which actor has a source's slot, and a message.
        self.holders: dict[str, str] = {}
        self.senders: dict[int, str] = {}

    def committed(self, before: State, after: State, actor: Actor | None) -> None:
        """Check one commit; `actor`: whose it was, None for the operator's."""
        name = actor.name if actor is not None else "operator"
        self._check_slots(before, after, name)
        told = self._check_polls(after, name)
        if name in self.world.releasing:
            told += self._released(name, after)
        self._check_routes(before, after, told)
        self._check_deliveries(before, after, name)

    def dropped(self, actor: Actor, source: str, fetch: Fetch) -> None:
        """A poll ended and nothing of it was recorded: somebody else's was, or has its slot."""
        overtaken = self.world.models[source].polls != fetch.polls
        lost = self.holders.get(source) != actor.name and actor.name not in self.world.by_hand
        assert overtaken or lost or self.world.plan.jumps, f"a poll of {source} was lost"

    def _check_slots(self, before: State, after: State, name: str) -> None:
        for source, now in after.slots.items():
            was = before.slots.get(source)
            if was is None or was.token == now.token:
                continue
            if now.token is None:
                ours = self.holders.get(source) == name
                assert ours or self.world.plan.jumps, f"{name} gave back another's slot"
                continue
            self._check_claim(source, was, now)
            self.holders[source] = name
            self.world.begun[name, source] = self.world.models[source].polls

    def _check_claim(self, source: str, was: SlotRow, now: SlotRow) -> None:
        local = self.world.local
        assert now.due_at <= local + _LONGEST_LEASE, f"{source} is held for too long"
        if not self.world.plan.jumps:
            assert was.slot_at <= local + MINUTE, f"{source} was claimed before its slot"
            free = was.token is None or was.due_at <= local
            assert free, f"{source} was taken from its holder at {local}: {was}, {now}"

    def _check_polls(self, after: State, name: str) -> list[str]:
        """The ids of events that are told of with the poll, or the verdict, of this commit."""
        expected: dict[str, Expected] = {}
        if name == "operator" and self.expected is not None:
            (source,) = {event.source for event in after.events} or {""}
            expected[source], self.expected = self.expected, None
        for row in after.polls:
            assert row.source not in expected, "two polls in one transaction"
            expected[row.source] = self._polled(row, name)
        told: list[str] = []
        for event in after.events:
            assert event.id not in self.events, f"{event.id} is there twice"
            self.events[event.id] = event
        for source, wanted in expected.items():
            told += self._check_events(source, wanted, after)
        others = [e for e in after.events if e.source not in expected and e.type != _PAUSED]
        assert not others, f"events of nothing: {others}"
        return told

    def _polled(self, row: PollRow, name: str) -> Expected:
        source, fetch = self.world.fetches.pop(name, (None, None))
        assert fetch is not None, f"{name} recorded a poll that was none"
        assert source == row.source
        model = self.world.models[row.source]
        assert fetch.polls == model.polls, f"{name} recorded a poll of {source} that was overtaken"
        if row.slot is not None:
            # Where the clock is set back, slots come again.
            again = (row.source, row.slot) in self.slots_polled
            assert not again or self.world.plan.jumps, f"{row.slot} was polled twice"
            assert self.holders.get(row.source) == name, f"{name} recorded another's slot"
            self.slots_polled.add((row.source, row.slot))
        wanted = model.poll(fetch)
        self.world.tell(f"{row.source}: {row.outcome} {row.version}")
        found = (row.outcome, row.version)
        assert found == (wanted.outcome, wanted.version), f"{source}: {row}, not {wanted}"
        return wanted

    def _check_events(self, source: str, wanted: Expected, after: State) -> list[str]:
        ours = [event for event in after.events if event.source == source and event.type != _PAUSED]
        made = Counter((event.type, event.model) for event in ours)
        assert made == Counter([*wanted.events, *((notice, None) for notice in wanted.notices)]), (
            f"{source}: {made}, not {wanted}"
        )
        notices = [event.id for event in ours if event.type in wanted.notices]
        for event in ours:
            if event.type not in wanted.notices:
                assert event.version == wanted.version
                self.ids[source, (event.version, event.type, event.model)] = event.id
        return notices + [self.ids[source, key] for key in wanted.told]

    def _released(self, name: str, after: State) -> list[str]:
        """What has waited long enough by the time that the actor knew."""
        now = (self.world.known_now[name] - BASE).total_seconds()
        ids: list[str] = []
        for source, model in self.world.models.items():
            slot = after.slots.get(source)
            if slot is not None and slot.token is not None and slot.due_at > now:
                continue
            told, undone = model.waiting.release(int(now), model.good)
            ids += [self.ids[source, key] for key in [*told, *undone]]
        return ids

    def _check_routes(self, before: State, after: State, told: list[str]) -> None:
        if before.routes is after.routes and not told:
            return
        new = after.routes.keys() - before.routes.keys()
        routed = Counter(one for one, _ in new if self.events[one].type != _PAUSED)
        hooks = self.world.plan.webhooks
        assert routed == {one: len(hooks) for one in told}, f"routed: {routed}, not {told}"
        for one, hook in new:
            verdict, _ = after.routes[one, hook]
            wanted = self._is_wanted(self.events[one], hook)
            assert (verdict in ("delivery", "blip")) == wanted, f"{hook}: {verdict} {one}"
        for key, route in before.routes.items():
            assert after.routes[key] == route, f"{key} was routed again"

    def _is_wanted(self, event: EventRow, name: str) -> bool:
        hook = self.world.plan.webhooks[name]
        if event.type == _PAUSED:
            return True
        of_models = event.model is None or not hook.models
        globs = any(fnmatchcase(event.model or "", glob) for glob in hook.models)
        return event.type in hook.events and (of_models or globs)

    def _check_deliveries(self, before: State, after: State, name: str) -> None:
        for number, now in after.deliveries.items():
            was = before.deliveries.get(number)
            if was is None:
                self._check_new(now, after)
            elif was != now:
                self._check_moved(was, now, name)
        assert before.deliveries.keys() <= after.deliveries.keys(), "a message is gone"
        claimed = [
            now
            for number, now in after.deliveries.items()
            if now.state == "leased" and now != before.deliveries.get(number)
        ]
        for one in claimed:
            if self.world.plan.webhooks[one.webhook].ordering == STRICT:
                self._check_order(one, after)

    def _check_new(self, now: DeliveryRow, after: State) -> None:
        assert (now.state, now.attempts) == ("pending", 0)
        for one in json.loads(now.event_ids):
            assert after.routes[one, now.webhook] == ("delivery", now.id), f"{one} has no route"

    def _check_moved(self, was: DeliveryRow, now: DeliveryRow, name: str) -> None:
        assert was.state in _OPEN, f"{was.id} was {was.state} and is {now.state}"
        assert now.attempts - was.attempts in (0, 1)
        if now.state == "leased":
            free = was.state == "pending" or was.next_at <= self.world.local
            assert free or self.world.plan.jumps, (
                f"{name} took {was.id} at {self.world.local}: {was}, {now}"
            )
            self.senders[now.number] = name
        else:
            assert was.state == "leased", f"{was.id} was {was.state} and is {now.state}"
            assert self.senders[was.number] == name, f"{name} settled another's {was.id}"

    def _check_order(self, one: DeliveryRow, after: State) -> None:
        for earlier in after.deliveries.values():
            if earlier.number < one.number and earlier.webhook == one.webhook:
                done = earlier.state not in _OPEN or earlier.token == one.token
                assert done, f"{one.id} overtakes {earlier.id}"
