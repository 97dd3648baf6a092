"""What a use would cost with a cause at work."""

from decimal import Decimal

import pytest

from pricetrail.audit.pricer import Pricer
from pricetrail.audit.reconciliation import causes
from pricetrail.audit.reconciliation.causes import Cause
from pricetrail.audit.reconciliation.histories import PriceHistory, Use
from pricetrail.audit.results import PricedRow
from tests.audit.conftest import MakePricer
from tests.audit.reconciliation.made import asked
from tests.support.histories import at, catalog, model, tokens

TIERS = {
    "over_200k": {"text": {"prompt": "9"}},
    "batch": {"text": {"prompt": "0.5"}},
    "utc_1200_1300": {"text": {"prompt": "7"}},
}
CACHE = {"read": "0.1", "write": "3"}


@pytest.fixture
def pricer(pricer_of: MakePricer) -> Pricer:
    """`a` costs 1, from noon 2 (and on conditions), from four 4; `b` is there to make versions."""
    prices = {"10:00": tokens("1", "1"), "16:00": tokens("4", "1")}
    prices["12:00"] = prices["14:00"] = tokens("2", "1", tiers=TIERS, cache=CACHE)
    return pricer_of(
        [
            (hour, catalog(model("a", prices[hour]), model("b", note=hour)))
            for hour in sorted(prices)
        ]
    )


def history(pricer: Pricer) -> PriceHistory:
    return PriceHistory(pricer.intervals("a"), pricer.change)


def use(pricer: Pricer, when: str, service: str = "", **used: int) -> Use:
    row = asked(when, "0", "a", service=service, **used)
    priced = pricer.price(row)
    assert isinstance(priced, PricedRow)
    return Use.of(priced)


def costs(pricer: Pricer, when: str, service: str = "", **used: int) -> dict[str, Decimal | None]:
    """By its words, what each cause makes of a use."""
    known, found = history(pricer), use(pricer, when, service, **used)
    return {
        cause.words(pricer.change): known.cost(cause, found)
        for cause in known.causes(found)
        if known.cost(cause, found) != found.cost
    }


def test_every_cause_that_could_matter_is_tried(pricer: Pricer) -> None:
    assert costs(pricer, "14:30", prompt=10, cache_read=4, cache_write=1) == {
        "charged twice": Decimal("46.8"),
        "cached tokens at the full price": Decimal(30),
        "tier charged though not due: above 200k": Decimal("93.4"),
        "another service tier: batch": Decimal("8.4"),
        "another time of day": Decimal("73.4"),
        "the price before the change of 2026-03-01T12:00:00Z": None,
        "the price after the change of 2026-03-01T16:00:00Z": None,
    }


def test_a_long_prompt_can_be_charged_as_a_short_one(pricer: Pricer) -> None:
    assert costs(pricer, "14:30", prompt=300_000)["tier left out"] == 600_000


def test_another_service_tier_can_be_the_standard_one(pricer: Pricer) -> None:
    assert costs(pricer, "14:30", "batch", prompt=10)["another service tier: standard"] == 20


def test_changes_are_all_those_of_the_history_the_nearest_first(pricer: Pricer) -> None:
    known = history(pricer)
    tried = [
        (cause.kind, cause.of, known.cost(cause, use(pricer, "16:30", prompt=10)))
        for cause in known.causes(use(pricer, "16:30", prompt=10))
        if cause.kind in (causes.BEFORE, causes.AFTER)
    ]
    assert tried == [(causes.BEFORE, 4, Decimal(20)), (causes.BEFORE, 2, Decimal(10))]
    early = use(pricer, "10:30", prompt=10)
    tried = [(c.kind, c.of, known.cost(c, early)) for c in known.causes(early)]
    assert tried[1:] == [(causes.AFTER, 2, Decimal(20)), (causes.AFTER, 4, Decimal(40))]


def test_a_change_leaves_alone_what_is_on_its_own_side(pricer: Pricer) -> None:
    known, early = history(pricer), use(pricer, "10:30", prompt=10)
    assert known.cost(Cause(causes.BEFORE, 2), early) == 10
    assert known.cost(Cause(causes.AFTER, 2), use(pricer, "16:30", prompt=10)) == 40


def test_how_far_a_change_is_away(pricer: Pricer) -> None:
    known, last = history(pricer), use(pricer, "16:30", prompt=10).interval
    assert known.distance(Cause(causes.BEFORE, 4), last) == 0
    assert known.distance(Cause(causes.BEFORE, 2), last) == 1
    first = use(pricer, "10:30", prompt=10).interval
    assert known.distance(Cause(causes.AFTER, 2), first) == 0
    assert known.distance(Cause(causes.AFTER, 4), first) == 1
    assert known.distance(Cause(causes.TWICE), first) == 0


def test_the_interval_at_a_time_is_the_one_last_seen_before(pricer: Pricer) -> None:
    known = history(pricer)
    assert [known.at(at(hour)).first for hour in ("09:00", "11:59", "12:00", "23:00")] == [
        1,
        1,
        2,
        4,
    ]
    assert known.changes_within(at("11:00"), at("12:00"))
    assert not known.changes_within(at("12:00"), at("15:00"))
    assert not known.changes_within(at("09:00"), at("11:00"))
