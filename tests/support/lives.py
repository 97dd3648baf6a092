"""Random lives of two sources, a step at a time: whatever can happen to a history happens to it."""

import json
import random
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from pricetrail.catalog.errors import PricetrailError
from pricetrail.jobs.imports.importing import run as import_all
from pricetrail.jobs.imports.observations import Observation
from pricetrail.jobs.polls import reviewing
from pricetrail.jobs.polls.gateway import GatewayError
from pricetrail.jobs.polls.reviewing import VerdictError
from tests.jobs.stage import KEY, Stage
from tests.support.histories import Catalog, catalog, model
from tests.support.restless import NAMES, change

SOURCES = ("one", "two")
# The fields that may be noise, which the sources take turns in.
_NOISE = ("/display_name", "/seen")


class Life:
    """Makes up what happens next; `step` lets it happen, and says what it was."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage, self.chance = stage, random.Random(seed)
        self._models: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in SOURCES}
        self._key = dict.fromkeys(SOURCES, KEY)
        self._ignore: dict[str, tuple[str, ...]] = dict.fromkeys(SOURCES, ())

    def step(self) -> str:
        """One thing more."""
        kinds = {
            self._poll: 10,
            self._poll_again: 3,
            self._fail: 2,
            self._set_aside: 2,
            self._approve: 2,
            self._import: 2,
            self._change_key: 1,
            self._ignore_more: 1,
            self._clock_ahead: 1,
            self._pause: 2,
        }
        (chosen,) = self.chance.choices(list(kinds), list(kinds.values()))
        chosen(self.chance.choice(SOURCES))
        return chosen.__name__

    def _catalog(self, name: str) -> Catalog:
        """The models of a source, some of them changed."""
        models = self._models[name]
        for one in NAMES:
            change(models, one, self.chance)
            if one in models and self.chance.random() < 0.2:
                models[one] = {**models[one], "seen": self.chance.randint(0, 3)}
        return catalog(*models.values(), model("always"))

    def _poll(self, name: str) -> None:
        self._ask(name, self._catalog(name))

    def _poll_again(self, name: str) -> None:
        self._ask(name, catalog(*self._models[name].values(), model("always")))

    def _fail(self, name: str) -> None:
        self._ask(name, GatewayError(self.chance.choice(("503", "no route"))))

    def _set_aside(self, name: str) -> None:
        self._ask(name, catalog())

    def _ask(self, name: str, served: Any, **more: Any) -> None:
        after = self.chance.choice((15, 15, 15, 40))
        settings = {"ignore": self._ignore[name], "api_key": self._key[name]}
        self.stage.poll(served, after=after, name=name, **settings | more)

    def _approve(self, name: str) -> None:
        with self.stage.database.read() as connection:
            query = text("SELECT id FROM quarantine WHERE state = 'held' ORDER BY id DESC LIMIT 1")
            number = connection.execute(query).scalar()
        if number is not None:
            known = {one: self.stage.source(name=one) for one in SOURCES}
            # Another catalog may have been accepted since.
            with suppress(VerdictError):
                reviewing.approve(self.stage.database, {}, known, number)

    def _import(self, name: str) -> None:
        """What somebody else saw: some of it late, and then refused or known already."""
        at = self.stage.now - timedelta(minutes=self.chance.choice((0, 5, 60, 5000)))
        body = json.dumps(self._catalog(name)).encode()
        every = self.chance.choice((None, timedelta(hours=1)))
        try:
            import_all(self.stage.database, name, [Observation(at, body, "test")], every=every)
        except PricetrailError:
            self.stage.pass_time(minutes=1)

    def _change_key(self, name: str) -> None:
        """Another account: a baseline, of which nobody is told."""
        self._key[name] += "x"
        # Where the guards would let it pass, it is a change like any other.
        self._ask(name, self._catalog(name), max_price_ratio=Decimal("1.01"))

    def _ignore_more(self, name: str) -> None:
        self._ignore[name] = tuple(one for one in _NOISE if self.chance.random() < 0.5)

    def _clock_ahead(self, name: str) -> None:
        """The clock runs ahead for a poll or two, and is set right."""
        ahead = self.chance.choice((1, 30))
        self.stage.pass_time(hours=ahead)
        for _ in range(self.chance.randint(1, 2)):
            self._poll(name)
        self.stage.pass_time(hours=-ahead)

    def _pause(self, _name: str) -> None:
        self.stage.pass_time(hours=self.chance.choice((1, 20, 24 * 5, 24 * 50)))
