"""What events are counted under."""

import pytest

from pricetrail.catalog.events import TYPES
from pricetrail.text.kinds import KINDS, in_order, of_kind


def test_every_type_has_a_kind() -> None:
    assert KINDS.keys() == set(TYPES)


@pytest.mark.parametrize(
    ("kind", "count", "said"),
    [
        ("repriced", 1200, "1,200 repriced"),
        ("notice", 1, "1 notice"),
        ("source notice", 2, "2 source notices"),
        ("no longer visible", 2, "2 no longer visible"),
    ],
)
def test_a_count_agrees_with_its_kind(kind: str, count: int, said: str) -> None:
    assert of_kind(kind, count) == said


def test_kinds_come_in_one_order() -> None:
    counts = {"notice": 1, "added": 2, "repriced": 3, "updated": 0}
    assert in_order(counts) == [("repriced", 3), ("added", 2), ("notice", 1)]
