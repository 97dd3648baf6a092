"""The prices of a day: the last that has come, with its own conditions and no other's."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.bills import PATHS, Tariff
from pricetrail.catalog.placed_prices import on_day, placed, split_path
from pricetrail.catalog.prices import prices_of
from pricetrail.catalog.situations import Situation
from pricetrail.catalog.units import label

DAYS = (0, 20260115, 20260230, 20260901)
# Each at most once: its day, service tier, length and price.
some_prices = st.dictionaries(
    st.tuples(
        st.sampled_from(DAYS),
        st.sampled_from(["", "batch", "flex"]),
        st.sampled_from([0, 1_000, 200_000]),
        st.sampled_from(["text/prompt", "text/completion", "cache/read"]),
    ),
    st.integers(0, 9),
    max_size=12,
)


def _document(prices: dict[tuple[int, str, int, str], int]) -> dict[str, Any]:
    pricing: dict[str, Any] = {"kind": "token"}
    for (day, service, length, path), amount in prices.items():
        names = [day and f"from_{day}", service, length and f"over_{length}"]
        below = [str(name) for name in names if name]
        *groups, leaf = [*(["tiers", *below] if below else []), *path.split("/")]
        place = pricing
        for group in groups:
            place = place.setdefault(group, {})
        place[leaf] = str(amount)
    return pricing


def _plainly(
    prices: dict[tuple[int, str, int, str], int], day: int, service: str, length: int, path: str
) -> int | None:
    """The rule in plain words: the newest list that names the price, and in it the best match."""
    newest = max((d for d, _, _, named in prices if named == path and d <= day), default=0)
    met = [
        ((bool(s) + bool(t), bool(s), t), amount)
        for (d, s, t, named), amount in prices.items()
        if (d, named) == (newest, path) and s in ("", service) and t <= length
    ]
    return max(met)[1] if met else None


@given(
    some_prices,
    st.sampled_from([*DAYS, 20260114, 20260302, 20270101]),
    st.sampled_from(["", "batch", "flex", "fast"]),
    st.sampled_from([0, 1_000, 200_000]),
)
def test_what_is_charged_on_a_day_is_by_the_plain_rule(
    prices: dict[tuple[int, str, int, str], int], day: int, service: str, length: int
) -> None:
    tariff = Tariff(_document(prices))

    for name in ("prompt", "completion", "cache_read"):
        expected = _plainly(prices, day, service, length, PATHS[name].removeprefix("/pricing/"))
        found = tariff.price(name, Situation(service, None, length, day))
        assert tariff.on(day).price(name, Situation(service, None, length)) == found
        assert (found[1] if isinstance(found, tuple) else None) == expected
        bill = tariff.bill({name: Decimal(2)}, Situation(service, None, length, day))
        assert (None if bill.missing else bill.cost) == (None if expected is None else 2 * expected)


def test_a_price_of_a_day_keeps_its_path_and_loses_its_day() -> None:
    pricing = _document({(0, "batch", 0, "text/prompt"): 1, (20260901, "", 5, "text/prompt"): 2})
    every = placed(prices_of({"pricing": pricing}))

    (before,), (after,) = on_day(every, 20260831), on_day(every, 20260901)
    assert (before.condition.words, after.condition.words) == ("batch", "above 5")
    assert after.price.path == "/pricing/tiers/from_20260901/over_5/text/prompt"
    assert split_path(after.price.path)[0].since == 20260901
    assert label(after.price.path) == "prompt above 5 from 2026-09-01 on"
    assert on_day([], 20260901) == []
