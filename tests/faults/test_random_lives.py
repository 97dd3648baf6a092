"""Random lives of two sources: what readers carry on is what is read from nothing.

Whatever can happen to a history happens, and readers look now and then. Of each of them what is
told is held against the slow and plain way.
"""

import random
from datetime import datetime, timedelta

import pytest

from pricetrail.queries import diff, listing
from pricetrail.queries.listed_models import carried, read
from pricetrail.queries.listing import ListingAnswer
from pricetrail.queries.model_listings import SPARK, ModelListing, Moment
from pricetrail.storage import sources
from pricetrail.storage.polls import coverage
from tests.jobs.stage import START, Stage, staged
from tests.queries import test_covered
from tests.support import pruned
from tests.support.lives import SOURCES, Life
from tests.support.volume import on_both, seeds
from tests.web.tables import test_listed_offers

pytestmark = pytest.mark.slow


@on_both(2, thorough=100)
def test_coverage_is_as_worked_out_from_nothing(database_url: str, seed: int) -> None:
    chance = random.Random(seed)
    with staged(database_url) as stage:
        life = Life(stage, seed)
        begins = [START - timedelta(days=1)]
        for _ in range(70):
            life.step()
            # A reader is not there after every poll.
            if chance.random() < 0.1:
                begins.append(stage.now - timedelta(hours=5, minutes=3))
            if chance.random() < 0.6:
                _check_coverage(stage, begins, chance)


def _check_coverage(stage: Stage, begins: list[datetime], chance: random.Random) -> None:
    with stage.database.read() as transaction:
        for name in SOURCES:
            state = sources.state(transaction, name)
            if state is None or not state.polls:
                continue
            for since in begins[:1] + begins[-1:]:
                back = timedelta(minutes=chance.choice((0, 0, 0, 7, 3000)))
                if since < stage.now - back:
                    test_covered.check(transaction, name, since, stage.now - back)


@on_both(4, thorough=60)
def test_offers_are_as_compared_from_nothing(database_url: str, seed: int) -> None:
    chance = random.Random(seed)
    with staged(database_url) as stage:
        life = Life(stage, seed)
        for _ in range(60):
            done = life.step()
            if chance.random() < 0.7:
                test_listed_offers.check(stage, done)


def seen(model: ModelListing, moment: Moment) -> tuple[object, ...]:
    """All that is shown of a model from a time."""
    return (
        *(model.id, model.display_name, model.type_target, model.kind),
        *(model.visible_since, model.prices),
        *(model.is_new(moment), model.is_changed(moment), model.spark(moment)),
    )


def shown(answer: ListingAnswer) -> tuple[object, ...]:
    models = [seen(model, answer.moment) for model in answer.models]
    return answer.source, answer.version, answer.moment, answer.first_seen, models


@on_both(2, thorough=60)
def test_the_models_are_as_read_from_nothing(database_url: str, seed: int) -> None:
    chance = random.Random(seed)
    with staged(database_url) as stage:
        life = Life(stage, seed)
        for _ in range(70):
            done = life.step()
            if chance.random() < 0.05:
                with stage.database.write() as connection:
                    pruned.prune_bodies(connection, stage.now - timedelta(hours=20))
            # A reader is not there after every poll, and some look at another time.
            if chance.random() < 0.7:
                for name in SOURCES:
                    _check_models(stage, name, None, done)
                    _check_models(
                        stage, name, stage.now - timedelta(hours=chance.choice((1, 60))), done
                    )


def _check_models(stage: Stage, name: str, at: datetime | None, done: str) -> None:
    with stage.database.read() as transaction:
        state = sources.state(transaction, name)
        if state is None or not state.head_version:
            return
        moment = at or stage.now
        if at is not None and coverage.version_at(transaction, state.id, at) is None:
            return
        found = shown(listing.ask(transaction, name, now=stage.now, at=at))
        version = found[1]
        assert isinstance(version, int)
        recent = coverage.version_at(transaction, state.id, moment - SPARK) or 0
        expected = read(transaction, state, version, Moment(moment, recent))
        told = [seen(one, Moment(moment, recent)) for one in expected.models]
        assert found == (name, version, Moment(moment, recent), expected.first_seen, told), done


@pytest.mark.parametrize("seed", seeds(2, 40))
def test_models_are_carried_from_any_version_to_any_later_one(sqlite_url: str, seed: int) -> None:
    chance = random.Random(seed)
    with staged(sqlite_url) as stage:
        life = Life(stage, seed)
        for _ in range(70):
            life.step()
        with stage.database.read() as transaction:
            for _ in range(40):
                state = sources.choose(transaction, chance.choice(SOURCES))
                first, last = sorted(chance.randint(1, state.head_version) for _ in range(2))
                early, late = sorted(
                    Moment(_time(stage, chance), chance.randint(0, state.head_version))
                    for _ in range(2)
                )
                known = read(transaction, state, first, early)
                found = carried(transaction, state, last, late, known)
                if late.version < early.version:
                    assert found is None
                    continue
                assert found is not None
                expected = read(transaction, state, last, late)
                assert (found.version, found.hash) == (expected.version, expected.hash)
                assert [seen(one, late) for one in found.models] == [
                    seen(one, late) for one in expected.models
                ]


def _time(stage: Stage, chance: random.Random) -> datetime:
    return START + (stage.now - START) * chance.random()


@pytest.mark.parametrize("seed", seeds(2, 30))
def test_a_diff_goes_on_from_what_is_known(sqlite_url: str, seed: int) -> None:
    chance = random.Random(seed)
    with staged(sqlite_url) as stage:
        life = Life(stage, seed)
        for _ in range(60):
            life.step()
        with stage.database.read() as transaction:
            for _ in range(30):
                name = chance.choice(SOURCES)
                newest = sources.choose(transaction, name).head_version
                some = sorted(chance.randint(1, newest) for _ in range(3))
                a, then, b = map(str, some)
                known = diff.ask(transaction, name, a, then)
                assert diff.ask(transaction, name, a, b, known) == diff.ask(transaction, name, a, b)
                assert (
                    diff.ask(transaction, name, b, a).added
                    == diff.ask(transaction, name, a, b).removed
                )
