"""What a list becomes, and what is said of its fields, grouped."""

import pytest

from pricetrail.catalog.dialects.readings import FLAGGED, NOT_UNDERSTOOD, SNAPPED
from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.readers import Reader
from pricetrail.catalog.units import PER_TOKEN
from pricetrail.queries import conversion
from tests.support.dialects import entry, native, spoken


@pytest.fixture(autouse=True)
def dialect(monkeypatch: pytest.MonkeyPatch) -> None:
    spoken(monkeypatch)


def test_models_have_their_prices_and_fields_what_became_of_them() -> None:
    noisy = entry("noisy", "0.045000000000000005", odd=1)
    listed = native(entry("a", "2", odd={"x": "y"}), noisy, {"name": "flagged", "in": "free"})
    answer = conversion.ask(listed, Reader("xai"))
    assert answer.as_json()["total"] == 3
    assert answer.read_by == "xai/1"
    (price,) = answer.models[1].prices
    assert (price.unit, str(price.amount)) == (PER_TOKEN, "4.5E-8")
    (odd,) = answer.of_kind(NOT_UNDERSTOOD)
    assert (odd.field, odd.models, odd.values) == ("/odd", ("a", "noisy"), ('{"x":"y"}', "1"))
    assert [one.values for one in answer.of_kind(SNAPPED)] == [("0.045000000000000005",)]
    assert [one.models for one in answer.of_kind(FLAGGED)] == [("flagged",)]


def test_what_no_poll_would_take_is_refused() -> None:
    for body in (native(entry("a"), entry("a")), b"{}", b"["):
        with pytest.raises(InvalidInputError, match="no list of the dialect xai"):
            conversion.ask(body, Reader("xai"))
