"""Which models changed between two versions, against both catalogs."""

import random
from collections.abc import Iterator

import pytest

from pricetrail.storage import sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import versions
from pricetrail.storage.history.changed_models import came_since, changed_models, documents_at
from pricetrail.storage.history.listings import visible_since
from tests.jobs.stage import Stage, staged
from tests.support.lives import SOURCES, Life
from tests.support.volume import on_both


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    with staged(database_url) as made:
        yield made


@on_both(2, thorough=20)
def test_they_are_those_of_which_a_state_began_or_ended(stage: Stage, seed: int) -> None:
    life = Life(stage, seed)
    for _ in range(60):
        life.step()
    chance = random.Random(seed)
    with stage.database.read() as connection:
        for name in SOURCES:
            state = sources.choose(connection, name)
            for _ in range(40):
                first, last = sorted(chance.randint(1, state.head_version) for _ in range(2))
                _check(connection, state.id, first, last)


def _check(connection: Transaction, source: int, first: int, last: int) -> None:
    before, after = (
        {one.model: one for one in versions.catalog_at(connection, source, version)}
        for version in (first, last)
    )
    found = {one.name: one for one in changed_models(connection, source, first, last)}
    assert list(found) == sorted(found)
    for name in before.keys() | after.keys():
        same = before.get(name) is not None and before[name] == after.get(name)
        assert same == (name not in found)
    since = visible_since(connection, source, last)
    for name, one in found.items():
        assert one.before == (before[name].document if name in before else None)
        assert one.after == (after[name].document if name in after else None)
    ids = [one.id for one in found.values()]
    came = came_since(connection, source, first, last, ids)
    for one in found.values():
        if one.after is not None:
            assert came.get(one.id) == (since[one.id] if since[one.id] > first else None)
    documents = {name: one.document for name, one in before.items() if name in found}
    assert documents_at(connection, source, first, ids) == documents
