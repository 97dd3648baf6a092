"""What is asked and what is due, added up."""

from decimal import Decimal

from pricetrail.audit.reconciliation.causes import UNEXPLAINED
from pricetrail.audit.reconciliation.sums import Reconciliation


def test_what_is_explained_adds_up_to_the_difference_everywhere() -> None:
    sums = Reconciliation()
    rows = [
        ("a", "2026-03-02", "3", "2", "cached"),
        ("a", "2026-03-05", "4.5", "2", "cached"),
        ("a", "2026-03-05", "1", "1", None),
        ("b", "2026-03-01", "1.001", "1", None),
        ("b", "2026-03-01", "9", "10", UNEXPLAINED),
    ]
    for model, day, reported, due, why in rows:
        sums.add(model, day, Decimal(reported), Decimal(due), why)
    document = sums.as_json()
    assert {key: document[key] for key in ("rows", "reported", "due", "difference")} == {
        "rows": 5,
        "reported": "18.501",
        "due": "16",
        "difference": "2.501",
    }
    assert document["explained"] == [
        {
            "model": "a",
            "explained_by": "cached",
            "rows": 2,
            "amount": "3.5",
            "from": "2026-03-02",
            "until": "2026-03-05",
        },
        {
            "model": "b",
            "explained_by": UNEXPLAINED,
            "rows": 1,
            "amount": "-1",
            "from": "2026-03-01",
            "until": "2026-03-01",
        },
    ]
    for parts in (sums.models.values(), sums.days.values()):
        assert sum((part.difference for part in parts), Decimal(0)) == Decimal("2.501")
        for part in parts:
            assert sum(part.explained.values(), Decimal(0)) == part.difference
    assert sums.days["2026-03-01"].reasons() == [
        {"explained_by": UNEXPLAINED, "amount": "-1"},
        {"explained_by": "rounding", "amount": "0.001"},
    ]
    assert document["unpriced"] == {"rows": 0, "reported": "0"}
