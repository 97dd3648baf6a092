"""Random histories, asked in every way that there is: all answers agree with a simple model.

Models come, go and come back; prices appear, vanish, become texts and prices again; keys are odd.
Two processes that last and one that begins anew at every poll record the same.
"""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from pricetrail.catalog.catalogs import Catalog, read
from pricetrail.catalog.documents import canonical
from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.event_details import ModelRemoved
from pricetrail.catalog.events import Event
from pricetrail.catalog.prices import prices_of
from pricetrail.jobs.polls.gateway import Answer
from pricetrail.storage import sources
from pricetrail.storage.codecs import changes
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history import events, exports, snapshots
from pricetrail.storage.history import versions as history
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.history.prices import price_at, timeline
from pricetrail.storage.polls import coverage
from pricetrail.storage.schema import prepare
from pricetrail.storage.sources import SourceState
from pricetrail.storage.verification.verify import verify
from tests.jobs.stage import START, Stage, staged
from tests.support import pruned
from tests.support.volume import on_both

pytestmark = pytest.mark.slow

KEYS = [
    "text",
    "prompt",
    "",
    "/",
    "~",
    "a/b",
    "~1",
    "é",
    "日本",
    "__x",
    "kind",
    "0",
    'q"t',
    "\\b",
    "\n",
]
VALUES = [
    *(
        "0.000003",
        "0.0000025",
        "1",
        "0",
        "-1",
        "free",
        "",
        "gratis",
        "1e-7",
        "00.10",
        "0.10",
        "1_0",
    ),
    *(None, {}, [], True, False, 1, ["1", "2"], {"kind": "1"}, "é", -1, [["1"], {"x": "2"}]),
]
NAMES = ["m", "a/b", "é", "~", 'q"', "z z", "日"]
TABLES = (
    *("source", "snapshot", "model", "model_version", "price", "path", "event", "schema_seen"),
    *("coverage", "poll"),
)


@dataclass
class Author:
    """Makes up a catalog and changes it."""

    chance: random.Random
    models: dict[str, Any] = field(default_factory=dict)
    gone: dict[str, Any] = field(default_factory=dict)

    def next(self) -> bytes:
        """Another catalog, or the same, as a gateway serves it."""
        for _ in range(self.chance.randint(0, 3)):
            self._change(self.chance.choice(NAMES))
        if not self.models:
            self.models["m"] = self._model("m")
        data = list(self.models.values())
        if self.chance.random() < 0.2:
            self.chance.shuffle(data)
        document = {"object": "list", "data": data, "total": len(data)}
        indent = self.chance.choice([None, None, None, 1])
        shown = json.dumps(document, ensure_ascii=self.chance.random() < 0.7, indent=indent)
        return (b"\xef\xbb\xbf" if self.chance.random() < 0.1 else b"") + shown.encode()

    def _change(self, name: str) -> None:
        dice = self.chance.random()
        if name not in self.models:
            again = name in self.gone and dice < 0.6
            self.models[name] = self.gone[name] if again else self._model(name)
        elif dice < 0.2 and len(self.models) > 1:
            self.gone[name] = self.models.pop(name)
        else:
            self.models[name] = json.loads(json.dumps(self.models[name]))
            self._edit(self.models[name])

    def _model(self, name: str) -> dict[str, Any]:
        prompt = {"prompt": self.chance.choice(["0.1", "0.2", "free"])}
        rest = {"completion": self.chance.choice(["1", "2", "gratis"])}
        kind = self.chance.choice(["token", "image", None])
        pricing = {"kind": kind, "text": prompt | rest, **self._tree(0)}
        odd = self.chance.random() < 0.1
        long = {"pad": "z" * 70_000} if self.chance.random() < 0.05 else {}
        return {"id": name, "pricing": self._value() if odd else pricing, **long}

    def _tree(self, depth: int) -> dict[str, Any]:
        return {
            self.chance.choice(KEYS): self._tree(depth + 1)
            if depth < 2 and self.chance.random() < 0.4
            else self._value()
            for _ in range(self.chance.randint(0, 4))
        }

    def _value(self) -> Any:
        return self.chance.choice(VALUES)

    def _edit(self, place: dict[str, Any]) -> None:
        keys = [key for key in place if key != "id"]
        if not keys or self.chance.random() < 0.1:
            place[self.chance.choice(KEYS) + "n"] = self._value()
            return
        key = self.chance.choice(keys)
        if isinstance(place[key], dict) and place[key] and self.chance.random() < 0.8:
            self._edit(place[key])
        elif self.chance.random() < 0.2:
            del place[key]
        else:
            place[key] = self._value()


@dataclass
class Lived:
    """What was recorded, and by a simple model should have been."""

    lasting: Stage
    anew: Stage
    made: list[Event]
    versions: dict[str, list[tuple[int, Catalog]]]


@pytest.fixture
def lived(
    seed: int,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Lived]:
    chance = random.Random(seed)
    made: list[Event] = []
    other_url = f"sqlite:///{tmp_path / 'anew.db'}"
    prepare(other_url)
    with staged(database_url) as lasting, staged(other_url) as anew:
        found = Lived(lasting, anew, made, {"s1": [], "s2": []})
        _live(found, chance, monkeypatch)
        yield found


def _live(found: Lived, chance: random.Random, monkeypatch: pytest.MonkeyPatch) -> None:
    write, ours = snapshots.write_events, found.lasting.database.engine

    def written(connection: Transaction, *rest: Any) -> None:
        if connection.engine is ours:
            found.made += rest[1]
        write(connection, *rest)

    monkeypatch.setattr(snapshots, "write_events", written)
    authors = {name: Author(random.Random(chance.random())) for name in found.versions}
    processes = [found.lasting.poller(), found.lasting.poller()]
    for _ in range(chance.randint(15, 30)):
        name = chance.choice(list(authors))
        body, pause = authors[name].next(), chance.choice([0, 1, 500])
        for stage in (found.lasting, found.anew):
            stage.pass_time(minutes=15, milliseconds=pause)
            stage.served = Answer(200, body, None, False)
        source = found.lasting.source(name=name)
        result = chance.choice(processes).poll(source)
        assert found.anew.poller().poll(source) == result
        if result.outcome == "changed":
            found.versions[name].append((result.version, read(body)))
    monkeypatch.undo()


@on_both(4, thorough=12)
def test_every_question_has_the_answer_of_a_simple_model(lived: Lived) -> None:
    if lived.lasting.database.engine.dialect.name == "sqlite":
        assert _rows(lived.lasting.database) == _rows(lived.anew.database)
    chance = random.Random(1)
    for _ in ("whole", "pruned"):
        with lived.lasting.database.read() as connection:
            _check_events(connection, lived.made)
            for name, versions in lived.versions.items():
                state = sources.state(connection, name)
                if state is None or not versions:
                    continue
                assert verify(connection, state).first_break is None
                _check_intervals(connection, state, versions)
                _check_catalogs(connection, state, versions)
                _check_prices(connection, state, versions, lived.lasting.now)
        with lived.lasting.database.write() as connection:
            reached = (lived.lasting.now - START) * chance.random()
            pruned.prune_bodies(connection, START + reached)


def _rows(database: Database) -> dict[str, list[str]]:
    with database.read() as connection:
        return {
            table: sorted(str(row) for row in connection.execute(text(f"SELECT * FROM {table}")))
            for table in TABLES
        }


def _check_events(connection: Transaction, made: list[Event]) -> None:
    found = [event for _, event in events.read(connection, EventFilter())]
    assert list(map(_plain, found)) == list(map(_plain, made))
    viewed = connection.execute(text("SELECT id, type, changes FROM v_events")).all()
    shown = {row.id: (row.type, row.changes) for row in viewed}
    assert shown.keys() == {event.id for event in made}
    for event in made:
        kind, stored = shown[event.id]
        assert kind == event.type
        if event.changes:
            expected = json.loads(changes.encode(event.changes))
            assert _numbers(json.loads(stored)) == _numbers(expected)


def _plain(event: Event) -> Event:
    """A model that went is kept as it was written when it came to be as it was."""
    if not isinstance(event.details, ModelRemoved):
        return event
    return replace(event, details=ModelRemoved({"as": canonical(event.details.document)}))


def _numbers(changes: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """On Postgres an amount may be written with zeros behind it."""
    return {path: [_number(side) for side in sides] for path, sides in changes.items()}


def _number(side: Any) -> Any:
    try:
        return Decimal(side).normalize() if isinstance(side, str) else side
    except ArithmeticError:
        return side


def _check_intervals(
    connection: Transaction, state: SourceState, versions: list[tuple[int, Catalog]]
) -> None:
    standing: dict[tuple[str, str], tuple[Any, int]] = {}
    expected = []
    for number, contents in versions:
        now = {
            (model, price.path): (price.amount, price.flagged)
            for model in contents.ids
            for price in prices_of(contents.document(model))
        }
        for key in [key for key, (value, _) in standing.items() if now.get(key) != value]:
            value, since = standing.pop(key)
            expected.append((*key, *value, since, number))
        for key, value in now.items():
            standing.setdefault(key, (value, number))
    expected += [(*key, *value, since, None) for key, (value, since) in standing.items()]
    exported = [
        (one.model, one.path, one.amount, one.flagged, one.from_version, one.until_version)
        for one in exports.price_intervals(connection, state.id)
    ]
    query = text(
        "SELECT model, path, amount, flagged, from_version, until_version FROM v_price_history"
        " WHERE source = :source"
    )
    viewed = [
        (*row[:2], None if row[2] is None else Decimal(row[2]), *row[3:])
        for row in connection.execute(query, {"source": state.name})
    ]
    assert set(exported) == set(viewed) == set(expected)
    assert len(exported) == len(viewed) == len(expected)


def _check_catalogs(
    connection: Transaction, state: SourceState, versions: list[tuple[int, Catalog]]
) -> None:
    for number, contents in versions:
        found = history.catalog_at(connection, state.id, number)
        assert [one.model for one in found] == sorted(contents.ids)
        for one in found:
            # A change of notation alone makes no new document.
            assert one.hash == history.ModelState("", 0, None, contents.text_of(one.model)).hash
    assert list(exports.observations(connection, state.id))


def _check_prices(
    connection: Transaction,
    state: SourceState,
    versions: list[tuple[int, Catalog]],
    until: datetime,
) -> None:
    chance = random.Random(2)
    edges = [one.first_at for one in coverage.stretches(connection, state.id)]
    for name in sorted({model for _, contents in versions for model in contents.ids}):
        life = timeline(connection, state.id, name)
        times = [START + (until - START) * chance.uniform(0, 1.2) for _ in range(4)]
        for moment in [*times, *chance.sample(edges, min(3, len(edges)))]:
            for at in (moment, moment + timedelta(microseconds=1)):
                state_then = life.at(at)
                try:
                    assert price_at(connection, state, name, at).state == state_then
                except NotFoundError:
                    assert state_then.before is state_then.after is None
