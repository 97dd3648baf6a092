"""The service tier of a row."""

import pytest

from pricetrail.audit.usage.quantities import RowError
from pricetrail.audit.usage.services import is_true, service


@pytest.mark.parametrize(
    ("tier", "batch", "name"),
    [
        (None, None, ""),
        ("", "", ""),
        ("default", "False", ""),
        ("standard", False, ""),
        ("auto", None, ""),
        ("not_available", None, ""),
        ("Priority", None, "priority"),
        ("flex", "no", "flex"),
        ("scale", 0, "scale"),
        ("batch", None, "batch"),
        ("standard", "True", "batch"),
        (None, 1, "batch"),
        ("priority", "true", "batch"),
        ("", "WAHR", "batch"),
        ("flex", "FALSCH", "flex"),
    ],
)
def test_providers_words_are_one_name(tier: object, batch: object, name: str) -> None:
    assert service(tier, batch) == name


@pytest.mark.parametrize(("tier", "batch"), [("€€", None), ("x" * 50, None), (None, "batch-17")])
def test_what_is_no_tier_is_said(tier: object, batch: object) -> None:
    with pytest.raises(RowError, match=r"service tier is|write true or false"):
        service(tier, batch)


def test_yes_is_said_in_several_ways() -> None:
    assert all(map(is_true, ("True", True, " yes ", 1, "1", "WAHR", "Vrai")))
    assert not any(map(is_true, ("False", None, "", 0, "None")))
