"""What must hold at the end of a history: nothing lost or made up, in order, and as it was."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from pricetrail.alerts.webhooks import STRICT
from pricetrail.catalog.errors import NotFoundError
from pricetrail.queries import price
from pricetrail.queries.price import Side
from pricetrail.storage import sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import versions
from pricetrail.storage.sources import SourceState
from pricetrail.storage.verification import invariants
from pricetrail.storage.verification.verify import verify
from tests.faults.simulation.differences import Flat, flat
from tests.faults.simulation.model import SourceModel
from tests.faults.simulation.receiver import Taken
from tests.support.certainty_model import ABSENT, HOUR, Model, Seen, moment

if TYPE_CHECKING:
    from tests.faults.simulation.world import World

_ASKED = 5


def check(world: "World") -> None:
    """Check all of a world's end."""
    for name in world.plan.webhooks:
        _check_ledger(world, name)
    _check_follower(world)
    with world.database.read() as connection:
        assert invariants.look(connection).broken == []
        for source, model in world.models.items():
            state = sources.state(connection, source)
            assert (state is not None) or not model.polls
            if state is not None and model.head:
                _check_history(connection, state, model)
            if state is not None and not model.certainty.unsure:
                _check_certainty(world, connection, state, model)


def _check_ledger(world: "World", name: str) -> None:
    """A receiver has each event that it is owed, in order, and nothing else."""
    ledger = world.receivers[name].ledger
    bodies: dict[str, bytes] = {}
    for taken in ledger:
        assert bodies.setdefault(taken.id, taken.body) == taken.body, f"{taken.id} has two bodies"
    arrived = list(dict.fromkeys(one["id"] for taken in ledger for one in taken.events))
    owed = [one for one in world.state.deliveries.values() if one.webhook == name]
    assert {one.state for one in owed} <= {"delivered", "dead"}
    wanted = [one for row in owed if row.state == "delivered" for one in json.loads(row.event_ids)]
    allowed = {one for row in owed for one in json.loads(row.event_ids)}
    dead = allowed - set(wanted)
    if world.plan.webhooks[name].ordering == STRICT:
        assert [one for one in arrived if one not in dead] == wanted, f"{name}: another order"
    assert set(wanted) <= set(arrived) <= allowed, f"{name}: lost or made up"
    for taken in ledger:
        _check_told(world, taken)


def _check_told(world: "World", taken: Taken) -> None:
    for told in taken.events:
        event = world.ledger.events[told["id"]]
        assert (told["type"], told["source"]) == (event.type, event.source)
        if event.model is not None:
            assert told["model"]["id"] == event.model
            assert told["snapshot"]["version"] == event.version


def _check_follower(world: "World") -> None:
    """Whoever applies the messages of `all`, one after the other, has the catalogs of now."""
    owed = [one for one in world.state.deliveries.values() if one.webhook == "all"]
    if any(one.state == "dead" for one in owed):
        return
    held = {name: model.flat(1) for name, model in world.models.items() if model.head}
    seen: set[str] = set()
    for taken in world.receivers["all"].ledger:
        if taken.id not in seen:
            seen.add(taken.id)
            for told in taken.events:
                if "model" in told:
                    _follow(held[told["source"]], told)
    for name, model in world.models.items():
        if model.head and not model.waiting.entries:
            assert held[name] == model.flat(model.head), f"{name}: the messages lead elsewhere"


def _follow(held: dict[str, Flat], told: dict[str, object]) -> None:
    document = told["model"]
    assert isinstance(document, dict)
    name = document["id"]
    if told["type"] == "model.added":
        held[name] = flat(document)
    elif told["type"] == "model.removed":
        del held[name]
    else:
        changes = told["changes"]
        assert isinstance(changes, list)
        for change in changes:
            _apply(held[name], change)


def _apply(document: Flat, change: dict[str, object]) -> None:
    path = str(change["path"])
    old, new = (_value(path, change[side]) for side in ("old", "new"))
    assert document.get(path) == old, f"{path}: from {old}, and was {document.get(path)}"
    if new is None:
        document.pop(path, None)
    else:
        document[path] = new


def _value(path: str, value: object) -> Decimal | str | bool | None:
    (found,) = flat(value, path).values()
    return found


def _check_history(connection: Transaction, state: SourceState, model: SourceModel) -> None:
    assert (state.head_version, state.polls) == (model.head, model.polls)
    assert verify(connection, state).first_break is None
    for number in range(1, model.head + 1):
        found = versions.catalog_at(connection, state.id, number)
        documents = {one.model: flat(json.loads(one.document)) for one in found}
        assert documents == model.flat(number), f"{state.name}: version {number}"


def _check_certainty(
    world: "World", connection: Transaction, state: SourceState, model: SourceModel
) -> None:
    seen = model.certainty.good_polls()
    if not seen:
        return
    edges = [edge for one in seen for edge in (one.began - 3, one.ended + 3)]
    span = (seen[0].began, seen[-1].ended + HOUR)
    times = [*world.chance.sample(edges, min(3, len(edges)))]
    times += [world.chance.randint(*span) for _ in range(_ASKED - len(times)) if span[0] < span[1]]
    names = sorted({name for version in model.catalogs for name in version})
    for second in times:
        if names and not model.certainty.near_a_poll(second):
            _check_answer(connection, model, world.chance.choice(names), second)


def _check_answer(connection: Transaction, model: SourceModel, name: str, second: int) -> None:
    word, before, after = _of_model(model, name).certainty(second)
    source, where = model.source.name, f"{model.source.name}: {name} at {second}"
    try:
        found = price.ask(connection, source, name, moment(second))
    except NotFoundError:
        assert {before, after} <= {ABSENT, None}, where
        return
    assert found.certainty == word, f"{where}: {found.certainty}, not {word}"
    assert _told(found.before) == before, where
    if word != "observed" and found.after is not None:
        assert _told(found.after) == after, where


def _of_model(model: SourceModel, name: str) -> Model:
    """What polls saw of one model, in the place of whole versions."""
    places = [
        replace(place, price=_priced(model, int(place.price), name))
        if isinstance(place, Seen)
        else place
        for place in model.certainty.places
    ]
    return replace(model.certainty, places=places)


def _priced(model: SourceModel, version: int, name: str) -> str:
    document = model.catalogs[version - 1].get(name)
    return ABSENT if document is None else _text(flat(document["pricing"], "/pricing"))


def _told(side: Side) -> str:
    return _text(flat(side.pricing, "/pricing")) if side.visible else ABSENT


def _text(prices: Flat) -> str:
    told = {p: str(v.normalize()) if isinstance(v, Decimal) else v for p, v in prices.items()}
    return json.dumps(told, sort_keys=True)
