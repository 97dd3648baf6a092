"""The models of a version, carried on: whatever happened, as if they were read from nothing."""

import shutil
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pricetrail.queries import listed_models
from pricetrail.queries.listed_models import ListedModels, carried, read
from pricetrail.queries.listing import ask
from pricetrail.queries.model_listings import Moment
from pricetrail.storage import sources
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.remembered import forget_all
from tests.jobs.stage import START, staged
from tests.support.histories import build, catalog, hourly, model, tokens


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
