"""The rows of prices that a version brings: all of a new model, and only the changes of others."""

from decimal import Decimal
from typing import Any

import pytest

from pricetrail.catalog import merkle
from pricetrail.catalog.catalogs import read
from pricetrail.catalog.changes import ABSENT
from pricetrail.catalog.strict_json import dumps
from pricetrail.catalog.versions import VersionDraft, build_version
from pricetrail.storage.history.price_rows import PriceChange, price, price_changes
from tests.support.histories import at, catalog, model, tokens

PROMPT, COMPLETION = "/pricing/text/prompt", "/pricing/text/completion"


def rows(before: Any, after: Any) -> list[PriceChange]:
    """The rows that the second of two catalogs brings."""
    was, now = (read(dumps(catalog(*models)).encode()) for models in (before, after))
    draft = VersionDraft("s", 2, merkle.GENESIS, at("09:00"), at("10:00"), baseline=False)
    return price_changes(build_version(draft, was, now, bytes(32), frozenset()))


def test_a_new_model_brings_all_its_prices() -> None:
    found = rows([], [model("m", {"kind": "token", "text": {"prompt": "0.1", "odd": "free"}})])
    assert set(found) == {
        PriceChange("m", PROMPT, Decimal("0.1"), None),
        PriceChange("m", "/pricing/text/odd", None, "free"),
    }


def test_of_others_what_changed_and_what_went() -> None:
    before = [model("a", tokens("0.1", "0.2")), model("b", tokens("1", "2")), model("c")]
    after = [
        model("a", tokens("0.3", "0.2")),
        model("b", {"kind": "token", "text": {"prompt": "1"}}),
    ]
    assert rows(before, after) == [
        PriceChange("a", PROMPT, Decimal("0.3"), None),
        PriceChange("b", COMPLETION, None, None),
    ]


def test_another_name_or_notation_brings_none() -> None:
    assert rows([model("a", tokens("0.1", "1"))], [model("a", tokens("0.10", "1"), note=1)]) == []


@pytest.mark.parametrize(
    ("path", "leaf", "expected"),
    [
        (PROMPT, Decimal("0.5"), (Decimal("0.5"), None)),
        (PROMPT, "gratis", (None, "gratis")),
        (PROMPT, ABSENT, (None, None)),
        (PROMPT, None, (None, None)),
        ("/display_name", "0.5", (None, None)),
    ],
)
def test_a_leaf_is_an_amount_or_a_text_or_no_price(path: str, leaf: Any, expected: object) -> None:
    assert price(path, leaf) == expected
