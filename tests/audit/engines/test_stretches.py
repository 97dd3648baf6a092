"""A stretch holds an instant exactly where the pricer is certain of a row's price."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pricetrail.audit.engines.stretches import PriceStretch, micros, stretches
from pricetrail.audit.pricer import Pricer
from pricetrail.audit.results import PricedRow
from pricetrail.audit.usage.rows import UsageRow, row
from pricetrail.catalog.aliases import grouped
from pricetrail.storage.database import Database
from pricetrail.storage.sources import choose
from tests.audit.conftest import MakePricer
from tests.support.histories import Catalog, at, build, catalog, model, tokens

pytestmark = pytest.mark.slow

PRICES = (
    tokens("0.1", "1"),
    tokens("0.2", "1"),
    tokens("0.1", "1", tiers={"over_200k": {"text": {"prompt": "0.3"}}}),
    tokens("0.1", "1", tiers={"utc_1030_1130": {"text": {"prompt": "0.3"}}}),
    tokens("0.1", "1", tiers={"from_20260302": {"text": {"prompt": "0.3"}}}),
)
ALIASES = grouped({"a": ["b"]})


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog | None:
    """What a poll brings: models by turns, or nothing at all."""
    if draw(st.integers(0, 5)) == 0:
        return None
    names = draw(st.sets(st.sampled_from(("a", "b", "c"))))
    return catalog(*(model(name, draw(st.sampled_from(PRICES))) for name in names))


def test_a_row_in_a_stretch_is_certain_and_no_certain_time_is_left_out(sqlite_url: str) -> None:
    start, number = at("10:00"), 0
    database = Database(sqlite_url)

    @settings(
        max_examples=20, phases=(Phase.generate,), suppress_health_check=[HealthCheck.too_slow]
    )
    @given(st.lists(st.tuples(catalogs(), st.booleans()), min_size=1, max_size=8), st.data())
    def check(history: list[tuple[Catalog | None, bool]], data: st.DataObject) -> None:
        nonlocal number
        number += 1
        source = f"source {number}"
        for hour, (found, imported) in enumerate(history):
            when = start + timedelta(hours=hour)
            build(database, source, [(when, found)], imported=imported and found is not None)
        with database.read() as connection:
            pricer = Pricer(database, choose(connection, source), ALIASES)
        found_stretches = stretches(pricer, [(name, name) for name in "abcd"])
        for _ in range(20):
            name = data.draw(st.sampled_from("abcd"))
            when = start + timedelta(
                minutes=data.draw(st.integers(-30, 60 * 9)),
                microseconds=data.draw(st.integers(0, 2)),
            )
            agree(pricer, found_stretches, use(name, when.isoformat()))
        agree(pricer, found_stretches, use("a", "2026-03-01"))

    check()
    database.close()


def use(name: str, when: str) -> UsageRow:
    found = row(2, [("time", when), ("model", name), ("prompt", 10)])
    assert isinstance(found, UsageRow)
    return found


def agree(pricer: Pricer, found: list[PriceStretch], used: UsageRow) -> None:
    begins = micros(used.at)
    ends = begins + 1 if used.until is None else micros(used.until)
    held = [
        s for s in found if (s.model, True) == (used.model, s.since <= begins and ends <= s.until)
    ]
    priced = pricer.price(used)
    assert len(held) <= 1
    if held:
        assert isinstance(priced, PricedRow)
        assert priced.certainty == "observed"
    elif used.until is None:
        # What changed need not be what was used: such a row may be certain, and is for the pricer.
        assert pricer.certain(used.model, used.at) is None


def test_a_stretch_knows_the_lengths_of_prompts_that_matter(pricer_of: MakePricer) -> None:
    tiers = {"over_200k": {"text": {"prompt": "0.3"}}, "over_32k": {"text": {"prompt": "0.2"}}}
    tiered = catalog(model("a", tokens("0.1", "1", tiers=tiers)))
    pricer = pricer_of([("10:00", tiered), ("11:00", tiered)])
    (found,) = stretches(pricer, [("vendor/a", "a"), ("gone", "gone")])
    assert (found.written, found.model, found.start) == ("vendor/a", "a", at("10:00"))
    assert found.thresholds == (32_000, 200_000)


def test_a_stretch_is_in_every_bucket_that_it_touches() -> None:
    day = 86_400_000_000
    long = PriceStretch(0, "a", "a", 20_000 * day, 20_100 * day, ())
    assert len(long.buckets()) == 5
    assert all(bucket + (1 << 41) > long.since for bucket in long.buckets())
    assert len(long._replace(until=long.since + 1).buckets()) == 1
