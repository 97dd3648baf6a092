"""One model's prices: when it is listed, and when its price is certain."""

import pytest

from tests.audit.conftest import History, MakePricer
from tests.support.histories import at, catalog, model, tokens

pytestmark = pytest.mark.slow


def test_a_price_is_certain_where_polls_agree_on_it(pricer_of: MakePricer) -> None:
    cheap, dear = (catalog(model("a", tokens(prompt, "1"))) for prompt in ("0.1", "0.2"))
    hours: History = [("10:00", cheap), ("11:00", cheap), ("12:00", dear), ("13:00", dear)]
    (prices,) = pricer_of(hours).histories("a")
    first, second = prices.intervals
    assert not prices.is_listed(at("09:59"))
    assert prices.is_listed(at("10:00"))
    assert prices.certain(at("09:59")) is None
    assert prices.certain(at("10:30")) is first
    assert prices.certain(at("11:30")) is None
    assert prices.certain(at("12:30")) is second
    assert prices.conditions == frozenset()
