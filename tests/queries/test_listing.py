"""A catalog as a table, against each model's own trail."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from pricetrail.catalog.errors import NotFoundError
from pricetrail.queries import models, trail
from pricetrail.queries.listing import ListingAnswer, ask
from pricetrail.queries.model_listings import NEWS, ModelListing, Moment
from pricetrail.queries.steps import PriceTrail
from pricetrail.queries.trail import TrailAnswer
from pricetrail.storage.database import Database
from tests.support.histories import at, build, catalog, model, tokens
from tests.support.restless import LAST, START
from tests.support.volume import seeds

PROMPT = "/pricing/text/prompt"
NOISY = ("0.0000002", "0.00000020000000000000002", "0.0000002", "0.00000020000000000000002")


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    opened = Database(sqlite_url)
    yield opened
    opened.close()


def asked(database: Database, now: datetime | str, when: datetime | None = None) -> ListingAnswer:
    end = at(now) if isinstance(now, str) else now
    with database.read() as transaction:
        return ask(transaction, None, now=end, at=when)


def listed(database: Database, now: datetime | str, name: str = "m") -> tuple[ModelListing, Moment]:
    answer = asked(database, now)
    return next(one for one in answer.models if one.id == name), answer.moment


def new(database: Database, now: datetime | str, name: str = "m") -> bool:
    one, moment = listed(database, now, name)
    return one.is_new(moment)


def changed(database: Database, now: datetime | str, name: str = "m") -> bool:
    one, moment = listed(database, now, name)
    return one.is_changed(moment)


def priced(prompt: str) -> dict[str, object]:
    return catalog(model("m", tokens(prompt, "0.00002")))


@pytest.mark.parametrize("hours", [4, 11, 19, 29])
@pytest.mark.parametrize("lived", seeds(2, 30), indirect=True)
def test_it_is_what_each_models_trail_says(lived: Database, hours: int) -> None:
    when = START + timedelta(hours=hours)
    with lived.read() as transaction:
        answer = ask(transaction, None, now=LAST, at=when)
        catalog_then = models.ask(transaction, None, when)
        trails = [
            trail.ask(transaction, None, one.id, now=LAST, until=when) for one in answer.models
        ]
    assert answer.version == catalog_then.version
    assert [one.id for one in answer.models] == [one.id for one in catalog_then.models()]
    for listing, then, told in zip(answer.models, catalog_then.models(), trails, strict=True):
        assert [(p.path, p.unit, p.amount, p.flagged) for p in listing.prices] == [
            (p.path, p.unit, p.amount, p.flagged) for p in then.prices
        ]
        assert listing.visible_since == told.visible[-1].begin
        by_path = {one.path: one for group in told.groups for one in group.prices}
        for price in listing.prices:
            assert price.held_since == by_path[price.path].held_since
            assert price.previous == _previous(by_path[price.path])
        assert listing.is_new(answer.moment) == (not told.visible[-1].baseline)
        assert listing.is_changed(answer.moment) == _was_repriced(told)
        assert listing.display_name == told.document["display_name"]


def _previous(found: PriceTrail) -> Decimal | None:
    since = next(n for n, step in enumerate(found.steps) if step.window == found.held_since)
    return found.steps[since - 1].amount if since else None


def _was_repriced(told: TrailAnswer) -> bool:
    begin = told.visible[-1].begin_version
    return any(e.type == "model.repriced" and e.version > begin for e in told.events)


def test_noise_is_no_change_however_often_it_comes(database: Database) -> None:
    history = [("09:00", priced("0.000003")), ("10:00", priced("0.0000001"))]
    history += [(f"1{n}:00", priced(text)) for n, text in enumerate(NOISY * 2, 1)]
    build(database, "s", history)
    prompt = listed(database, "20:00")[0].price(PROMPT)
    assert prompt is not None
    assert prompt.held_since == (at("10:00"), at("11:00"))
    assert (prompt.previous, prompt.direction) == (Decimal("0.0000001"), "increase")


def test_what_is_new_or_changed_is_so_for_seven_days(database: Database) -> None:
    build(database, "s", [("10:00", catalog(model("old")))])
    build(database, "s", [("11:00", catalog(model("old"), model("m")))])
    build(database, "s", [("12:00", catalog(model("old"), model("m", tokens("1", "2"))))])
    build(database, "s", [("13:00", catalog(model("old"), model("m", tokens("2", "2"))))])
    within = at("11:00") + NEWS - timedelta(milliseconds=1)
    assert new(database, within)
    assert not new(database, within + timedelta(milliseconds=1))
    last = at("13:00") + NEWS
    assert changed(database, last - timedelta(milliseconds=1))
    assert not changed(database, last)
    assert not new(database, "13:00", "old")
    assert not changed(database, "13:00", "old")


def test_a_price_that_came_alone_has_nothing_before_it(database: Database) -> None:
    with_cache = catalog(model("m", tokens("0.000003", "0.00002", cache={"read": "0.1"})))
    build(database, "s", [("10:00", priced("0.000003")), ("11:00", with_cache)])
    one, moment = listed(database, "12:00")
    read = one.price("/pricing/cache/read")
    assert read is not None
    assert (read.held_since, read.previous, read.direction) == (
        (at("10:00"), at("11:00")),
        None,
        None,
    )
    assert one.is_changed(moment)
    assert one.price("/pricing/none") is None


def test_what_it_cost_in_an_earlier_life_is_not_what_it_cost_before(database: Database) -> None:
    empty = catalog(model("n"))
    build(database, "s", [("10:00", priced("1")), ("11:00", empty), ("12:00", priced("2"))])
    one, moment = listed(database, "13:00")
    assert one.visible_since == (at("11:00"), at("12:00"))
    assert [price.previous for price in one.prices] == [None, None]
    assert one.is_new(moment)
    spark = one.spark(moment)
    assert spark is not None
    assert spark.points == ((at("12:00"), Decimal(2)),)


def test_a_spark_begins_with_what_held_then(database: Database) -> None:
    build(database, "s", [("2025-01-01", priced("1")), ("2025-06-01", priced("2"))])
    build(database, "s", [("2026-02-01", priced("3")), ("2026-02-20", priced("4"))])
    one, moment = listed(database, "2026-03-01")
    spark = one.spark(moment)
    assert spark is not None
    assert (spark.path, spark.begin, spark.end) == (PROMPT, at("2025-12-01"), at("2026-03-01"))
    assert spark.points == (
        (at("2025-12-01"), Decimal(2)),
        (at("2026-02-01"), Decimal(3)),
        (at("2026-02-20"), Decimal(4)),
    )


def test_a_time_before_the_first_snapshot_has_no_table(database: Database) -> None:
    build(database, "s", [("10:00", priced("1"))])
    with pytest.raises(NotFoundError, match="no snapshot of s"):
        asked(database, "12:00", at("09:00"))


def test_its_json_holds_exact_amounts(database: Database) -> None:
    build(database, "s", [("10:00", priced("0.000003")), ("11:00", priced("0.0000025"))])
    answer = asked(database, "12:00").as_json()
    assert (answer["version"], answer["at"]) == (2, "2026-03-01T12:00:00Z")
    assert isinstance(answer["models"], list)
    assert answer["models"][0]["prices"][1] == {
        "path": PROMPT,
        "unit": "USD/token",
        "amount": "0.0000025",
        "held_since": "2026-03-01T11:00:00Z",
        "previous": "0.000003",
    }
