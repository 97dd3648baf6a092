"""A row at the prices of its time: by which version, how certain, or why not."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pricetrail.audit.pricer import Pricer
from pricetrail.audit.results import PricedRow, RowResult, UnpricedRow
from pricetrail.audit.usage.rows import BadRow, UsageRow, row
from pricetrail.catalog.aliases import grouped
from pricetrail.catalog.errors import NotFoundError
from pricetrail.queries import price
from pricetrail.storage.database import Database
from pricetrail.storage.sources import choose
from tests.audit.conftest import MakePricer
from tests.support.histories import at, build, catalog, model, tokens

pytestmark = pytest.mark.slow

ONE, TWO = Decimal(1), Decimal(2)
CHEAP, DEAR = tokens("0.1", "1"), tokens("0.2", "1")


def use(when: str, name: str = "a", **used: int) -> UsageRow:
    found = row(2, [("time", at(when)), ("model", name), *(used or {"prompt": 10}).items()])
    assert isinstance(found, UsageRow)
    return found


def use_at(when: datetime) -> UsageRow:
    found = row(2, [("time", when), ("model", "a"), ("prompt", 10)])
    assert isinstance(found, UsageRow)
    return found


def priced(result: RowResult) -> PricedRow:
    assert isinstance(result, PricedRow), result
    return result


def why(result: RowResult) -> str:
    assert isinstance(result, UnpricedRow), result
    return result.why


@pytest.fixture
def changing(pricer_of: MakePricer) -> Pricer:
    """`a` gets dearer between 11:00 and 12:00; a poll at 14:00 fails."""
    cheap, dear = catalog(model("a", CHEAP)), catalog(model("a", DEAR))
    hours = [("10:00", cheap), ("11:00", cheap), ("12:00", dear), ("13:00", dear)]
    return pricer_of([*hours, ("14:00", None), ("15:00", dear)])


def test_a_row_is_priced_by_the_version_in_force(changing: Pricer) -> None:
    early, late = priced(changing.price(use("10:30"))), priced(changing.price(use("12:30")))
    assert (early.bill.cost, early.version, early.certainty) == (ONE, 1, "observed")
    assert (late.bill.cost, late.version, late.certainty) == (TWO, 2, "observed")
    assert not early.uncertain


def test_a_row_within_the_change_is_bracketed_with_both_costs(changing: Pricer) -> None:
    found = priced(changing.price(use("11:30")))
    assert (found.bill.cost, found.certainty, found.version) == (ONE, "bracketed", 1)
    assert found.other_cost == 2
    assert found.why is not None
    assert "between 2026-03-01T11:00:00Z and 2026-03-01T12:00:00Z" in found.why


def test_a_change_of_what_the_row_did_not_use_leaves_it_observed(changing: Pricer) -> None:
    found = priced(changing.price(use("11:30", completion=10)))
    assert (found.certainty, found.bill.cost) == ("observed", Decimal(10))


def test_noise_beside_a_change_of_what_the_row_did_not_use_leaves_it_observed(
    pricer_of: MakePricer,
) -> None:
    noisy = catalog(model("a", tokens("0.1000000000000000055", "2")))
    found = priced(
        pricer_of([("10:00", catalog(model("a", CHEAP))), ("11:00", noisy)]).price(use("10:30"))
    )
    assert (found.certainty, found.bill.cost) == ("observed", ONE)


def test_a_row_in_a_gap_is_uncertain_even_where_both_sides_agree(changing: Pricer) -> None:
    found = priced(changing.price(use("14:30")))
    assert (found.certainty, found.bill.cost, found.other_cost) == ("gap", TWO, TWO)
    assert found.why == "503 from the gateway"


def test_a_row_after_the_last_poll_is_uncertain_without_a_other_cost(changing: Pricer) -> None:
    found = priced(changing.price(use("2026-03-02")))
    assert (found.certainty, found.bill.cost, found.other_cost) == ("gap", TWO, None)
    assert found.why == "no good poll since"


def test_a_row_before_history_has_no_price(changing: Pricer) -> None:
    text = "before the first snapshot of pipellm (2026-03-01T10:00:00Z)"
    assert why(changing.price(use("09:00"))) == text


def test_an_unknown_model_has_no_price_and_the_near_name_is_told(pricer_of: MakePricer) -> None:
    pricer = pricer_of([("10:00", catalog(model("gpt-5")))])
    assert why(pricer.price(use("10:00", "gpt-5x"))).endswith("did you mean gpt-5?")
    assert why(pricer.price(use("10:00", "gpt-5x"))).endswith("did you mean gpt-5?")


def test_a_model_has_no_price_while_it_is_not_visible(pricer_of: MakePricer) -> None:
    both, one = catalog(model("a", CHEAP), model("b")), catalog(model("b"))
    pricer = pricer_of(
        [("10:00", one), ("11:00", both), ("12:00", both), ("13:00", one), ("14:00", one)]
    )
    text = "not yet seen then: first seen 2026-03-01T11:00:00Z, when it would cost 1 USD"
    assert why(pricer.price(use("10:30"))) == text
    assert why(pricer.price(use("13:30"))) == "the model was not visible to this key then"
    found = priced(pricer.price(use("12:30")))
    assert (found.certainty, found.other_cost) == ("bracketed", None)
    assert found.why is not None
    assert found.why.endswith("no longer visible after that")


def test_a_row_that_could_not_be_read_stays_what_it_is(changing: Pricer) -> None:
    assert changing.price(BadRow(4, "a", None, "no time")) == UnpricedRow(4, "a", None, "no time")


def test_a_quantity_without_a_price_leaves_the_row_unpriced(changing: Pricer) -> None:
    found = changing.price(use("10:30", prompt=1, images=2))
    assert why(found) == "there is no price for image"


def test_intervals_are_stretches_of_the_same_price(pricer_of: MakePricer) -> None:
    renamed = catalog(model("a", CHEAP) | {"display_name": "Other"})
    without = catalog(model("b"))
    pricer = pricer_of(
        [
            ("10:00", catalog(model("a", CHEAP), model("b"))),
            ("11:00", renamed),
            ("12:00", catalog(model("a", DEAR))),
            ("13:00", without),
            ("14:00", catalog(model("a", DEAR))),
        ]
    )
    cheap, dear, again = pricer.intervals("a")
    assert [(one.first, one.end) for one in (cheap, dear, again)] == [(1, 3), (3, 4), (5, None)]
    assert dear.before is cheap
    assert cheap.after is dear
    # It was away in between: that is no change of price.
    assert again.before is None
    assert pricer.intervals("nothing") == []


def test_an_audit_in_hand_keeps_no_poll_from_writing(pricer_of: MakePricer) -> None:
    cheap, dear = catalog(model("a", CHEAP)), catalog(model("a", DEAR))
    pricer = pricer_of([("10:00", cheap), ("11:00", cheap)])
    assert priced(pricer.price(use("10:30"))).bill.cost == ONE
    later = pricer_of([("12:00", dear), ("13:00", dear)])
    # The one in hand goes on with what was known when it began.
    assert priced(pricer.price(use("12:30"))).certainty == "gap"
    assert priced(later.price(use("12:30"))).bill.cost == TWO


# What a poll saw of `a`: a price, that it is away, or nothing at all.
AWAY: dict[str, Any] = {}
SEEN = st.sampled_from([CHEAP, DEAR, AWAY, None])


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(SEEN, min_size=3, max_size=7),
    st.lists(st.integers(0, 60 * 8), min_size=30, max_size=30),
)
def test_every_row_costs_what_asking_its_price_says(
    sqlite_url: str, states: list[dict[str, Any] | None], minutes: list[int]
) -> None:
    database = Database(sqlite_url)
    with database.read() as connection:
        number = len(connection.exec_driver_sql("SELECT name FROM source").all())
    name, start = f"source-{number}", at("2026-03-01")
    shown = [
        None if one is None else catalog(model("b"), *([model("a", one)] if one else []))
        for one in states
    ]
    build(database, name, [(start + timedelta(hours=n), one) for n, one in enumerate(shown)])
    with database.read() as connection:
        source = choose(connection, name)
        pricer = Pricer(database, source)
        for minute in minutes:
            when = start + timedelta(minutes=minute)
            result = pricer.price(use_at(when))
            try:
                answer = price.ask(connection, name, "a", when, "/pricing/text/prompt")
            except NotFoundError:
                assert isinstance(result, UnpricedRow)
                continue
            amounts = [one.amount for one in answer.before.prices if one.amount is not None]
            if isinstance(result, UnpricedRow):
                assert amounts == []
            else:
                assert [result.bill.cost] == [10 * amount for amount in amounts]
                assert result.certainty == answer.certainty
                assert result.version == answer.before.version
    database.close()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(SEEN, min_size=3, max_size=7),
    st.lists(st.tuples(st.integers(0, 14), st.integers(1, 8)), min_size=8, max_size=8),
)
def test_a_stretch_is_as_certain_as_each_of_its_instants(
    sqlite_url: str, states: list[dict[str, Any] | None], stretches: list[tuple[int, int]]
) -> None:
    database = Database(sqlite_url)
    with database.read() as connection:
        number = len(connection.exec_driver_sql("SELECT name FROM source").all())
    name, start = f"stretch-{number}", at("2026-03-01")
    shown = [
        None if one is None else catalog(model("b"), *([model("a", one)] if one else []))
        for one in states
    ]
    build(database, name, [(start + timedelta(hours=n), one) for n, one in enumerate(shown)])
    with database.read() as connection:
        pricer = Pricer(database, choose(connection, name))
    half, instant = timedelta(minutes=30), timedelta(microseconds=1)
    for first, length in stretches:
        begin, end = start + first * half, start + (first + length) * half
        steps = [begin + n * half for n in range(length)]
        # Just before the end, and just after each poll, something else may be known.
        moments = sorted({*steps, *(s + instant for s in steps), end - instant})
        each = [pricer.price(use_at(moment)) for moment in moments]
        whole = pricer.price(use_at(begin)._replace(until=end))
        known = [one for one in each if isinstance(one, PricedRow)]
        if not known:
            assert isinstance(whole, UnpricedRow)
            continue
        found = priced(whole)
        costs = {one.bill.cost for one in known}
        assert found.bill.cost == known[0].bill.cost
        settled = len(known) == len(each) and not any(one.uncertain for one in known)
        assert found.uncertain == (not settled or len(costs) > 1)
        if len(costs) > 1:
            assert found.other_cost in costs - {found.bill.cost}
    database.close()


ALIASES = grouped({"gpt-5": ["openai/gpt-5", "gpt-5-dated"], "own": ["a"]})


@pytest.fixture
def renaming(sqlite_url: str) -> Iterator[Pricer]:
    """`gpt-5` becomes `openai/gpt-5` at 12:00, and is listed under its date as well from 14:00."""
    database = Database(sqlite_url)
    old, new = catalog(model("gpt-5", CHEAP)), catalog(model("openai/gpt-5", DEAR))
    both = catalog(model("openai/gpt-5", DEAR), model("gpt-5-dated", CHEAP))
    hours = [("10:00", old), ("11:00", old), ("12:00", new), ("13:00", new)]
    build(database, "pipellm", [*hours, ("14:00", both), ("15:00", both)])
    yield Pricer.of(database, "pipellm", ALIASES)
    database.close()


def test_a_row_is_priced_by_the_name_that_was_listed_at_its_time(renaming: Pricer) -> None:
    found = priced(renaming.price(use("10:30", "gpt-5")))
    assert (found.bill.cost, found.priced_as) == (ONE, None)
    assert "priced_as" not in found.as_json()
    for name in ("gpt-5", "gpt-5-dated"):
        found = priced(renaming.price(use("12:30", name)))
        assert (found.bill.cost, found.row.model, found.priced_as) == (TWO, name, "openai/gpt-5")
        assert list(found.as_json().items())[1:3] == [
            ("model", name),
            ("priced_as", "openai/gpt-5"),
        ]
    # Its own name first, whatever else is listed.
    assert priced(renaming.price(use("14:30", "gpt-5-dated"))).priced_as is None
    assert priced(renaming.price(use("10:30", "openai/gpt-5"))).priced_as == "gpt-5"


def test_a_row_under_a_name_that_is_not_listed_beside_two_that_are_is_refused(
    renaming: Pricer,
) -> None:
    said = why(renaming.price(use("14:30", "gpt-5")))
    assert said == "pipellm lists it under several other names: openai/gpt-5, gpt-5-dated"


def test_a_model_without_a_listed_name_says_why_of_its_own(renaming: Pricer) -> None:
    assert "no model 'own' was ever seen" in why(renaming.price(use("12:30", "own")))
    assert "before the first snapshot" in why(renaming.price(use("09:00", "gpt-5")))
    # What is listed has no price for it: another name is none, either.
    assert "no price for image" in why(renaming.price(use("10:30", "gpt-5", images=1)))


def test_any_name_of_a_model_has_intervals_and_is_required(renaming: Pricer) -> None:
    renaming.require("gpt-5-dated")
    assert [one.model for one in renaming.intervals("gpt-5-dated")] == ["gpt-5-dated"]
    with pytest.raises(NotFoundError, match="'own'"):
        renaming.require("own")
    assert renaming.intervals("own") == []


def test_a_row_is_priced_by_the_day_that_it_is_of_or_that_is_asked_about(
    pricer_of: MakePricer,
) -> None:
    dated = tokens("1", "1", tiers={"from_20260302": {"text": {"prompt": "3"}}})
    listed = catalog(model("a", dated))
    pricer = pricer_of([("2026-03-01", listed), ("2026-03-05", listed)])

    row = use_at(at("2026-03-01T12:00Z"))
    later = use_at(at("2026-03-04T12:00Z"))
    number = row.used["prompt"]
    first, second = priced(pricer.price(row)), priced(pricer.price(later))
    assert (first.bill.cost, second.bill.cost) == (number, 3 * number)
    assert (first.certainty, second.certainty) == ("observed", "observed")
    assert (first.situation.since, second.situation.since) == (0, 20260302)

    moved = priced(pricer.price(row, later.at))
    assert (moved.bill.cost, moved.row) == (3 * number, row)
    assert priced(pricer.price(later, row.at)).bill.cost == number
    over = row._replace(at=at("2026-03-01T23:00Z"), until=at("2026-03-02T01:00Z"))
    unsure = priced(pricer.price(over))
    assert (unsure.certainty, unsure.bill.cost, unsure.other_cost) == (
        "uncertain",
        number,
        3 * number,
    )
    assert unsure.situation.since == 0
