"""The models of a version, carried on: whatever happened, as if they were read from nothing."""

import random
import shutil
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pricetrail.queries import listed_models
from pricetrail.queries.listed_models import ListedModels, carried, read
from pricetrail.queries.listing import ListingAnswer, ask
from pricetrail.queries.model_listings import SPARK, ModelListing, Moment
from pricetrail.storage import sources
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.polls import coverage
from pricetrail.storage.remembered import forget_all
from tests.jobs.stage import START, Stage, staged
from tests.support import pruned
from tests.support.histories import build, catalog, hourly, model, tokens
from tests.support.lives import SOURCES, Life
from tests.support.volume import on_both, seeds


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
def test_after_each_thing_that_happens_it_is_as_read_from_nothing(
    database_url: str, seed: int
) -> None:
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
                    _check(stage, name, None, done)
                    _check(stage, name, stage.now - timedelta(hours=chance.choice((1, 60))), done)


def _check(stage: Stage, name: str, at: datetime | None, done: str) -> None:
    with stage.database.read() as transaction:
        state = sources.state(transaction, name)
        if state is None or not state.head_version:
            return
        moment = at or stage.now
        if at is not None and coverage.version_at(transaction, state.id, at) is None:
            return
        found = shown(ask(transaction, name, now=stage.now, at=at))
        version = found[1]
        assert isinstance(version, int)
        recent = coverage.version_at(transaction, state.id, moment - SPARK) or 0
        expected = read(transaction, state, version, Moment(moment, recent))
        told = [seen(one, Moment(moment, recent)) for one in expected.models]
        assert found == (name, version, Moment(moment, recent), expected.first_seen, told), done


@pytest.mark.parametrize("seed", seeds(2, 40))
def test_from_any_version_to_any_later_one(sqlite_url: str, seed: int) -> None:
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


def listed(transaction: Transaction) -> ListedModels:
    state = sources.choose(transaction, None)
    moment = Moment(START, state.head_version)
    return read(transaction, state, state.head_version, moment)


CHEAP = tokens("0.000001", "0.000015")


def test_of_what_did_not_change_nothing_is_read(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(sqlite_url)
    build(database, "s", hourly("10:00", [catalog(model("a"), model("b"), model("c"))]))
    forget_all()
    with database.read() as transaction:
        before = ask(transaction, None, now=START + timedelta(days=9)).models
    build(database, "s", hourly("11:00", [catalog(model("a"), model("b", CHEAP), model("d"))]))

    def refused(*_: object) -> None:
        raise AssertionError("everything was read")

    monkeypatch.setattr(listed_models, "read", refused)
    with database.read() as transaction:
        after = ask(transaction, None, now=START + timedelta(days=9)).models
    assert [one.id for one in after] == ["a", "b", "d"]
    assert [one in before for one in after] == [True, False, False]
    assert after[0] is before[0]
    database.close()


def test_of_another_history_nothing_is_carried_on(sqlite_url: str, tmp_path: Path) -> None:
    """As after a backup was restored: versions of the same number, and other models in them."""
    other = f"sqlite:///{shutil.copyfile(sqlite_url.removeprefix('sqlite:///'), tmp_path / 'o')}"
    one, two = Database(other), Database(sqlite_url)
    build(one, "s", hourly("10:00", [catalog(model("a")), catalog(model("a", CHEAP))]))
    last = catalog(model("a"), model("c"))
    build(two, "s", hourly("10:00", [catalog(model("a")), catalog(model("a"), model("b")), last]))
    with one.read() as transaction:
        known = listed(transaction)
    with two.read() as transaction:
        state = sources.choose(transaction, None)
        assert carried(transaction, state, 3, known.since, known) is None
    one.close()
    two.close()


def test_what_is_too_far_away_or_was_read_for_a_later_time_is_read_anew(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(sqlite_url)
    build(database, "s", hourly("10:00", [catalog(model("a")), catalog(model("b"))]))
    with database.read() as transaction:
        state = sources.choose(transaction, None)
        moment = Moment(START, 1)
        known = read(transaction, state, 1, moment)
        assert carried(transaction, state, 2, moment, known) is not None
        earlier = START - timedelta(milliseconds=1)
        assert carried(transaction, state, 2, Moment(earlier, 1), known) is None
        assert carried(transaction, state, 2, Moment(START, 0), known) is None
        newer = read(transaction, state, 2, moment)
        assert carried(transaction, state, 1, moment, newer) is None
        monkeypatch.setattr(listed_models, "_FARTHEST", 0)
        assert carried(transaction, state, 2, moment, known) is None
    database.close()


def test_noise_that_comes_again_and_again_is_no_change(sqlite_url: str) -> None:
    noisy = ("0.0000002", "0.00000020000000000000002")
    database = Database(sqlite_url)
    for number in range(8):
        text = "0.0000001" if not number else noisy[number % 2]
        build(
            database, "s", hourly(f"1{number}:00", [catalog(model("a", tokens(text, str(number))))])
        )
        with database.read() as transaction:
            (one,) = ask(transaction, None, now=START + timedelta(days=200)).models
        # No more is kept than is looked at.
        assert len(one.steps["/pricing/text/prompt"]) == min(number + 1, 3)
    price = one.price("/pricing/text/prompt")
    assert price is not None
    assert (price.previous, price.direction) == (Decimal("0.0000001"), "increase")
    assert price.held_since == (START + timedelta(hours=0), START + timedelta(hours=1))
    database.close()


def test_what_came_with_another_account_is_no_news(sqlite_url: str) -> None:
    with staged(sqlite_url) as stage:
        stage.poll(catalog(model("a")))
        with stage.database.read() as transaction:
            ask(transaction, None, now=stage.now)
        strict: dict[str, Any] = {"api_key": "sk-other", "max_price_ratio": Decimal(2)}
        stage.poll(catalog(model("a", CHEAP), model("b")), **strict)
        stage.poll(catalog(model("a", CHEAP), model("b"), model("c")), api_key="sk-other")
        with stage.database.read() as transaction:
            answer = ask(transaction, None, now=stage.now)
    news = [(one.is_new(answer.moment), one.is_changed(answer.moment)) for one in answer.models]
    assert news == [(False, False), (False, False), (True, False)]
