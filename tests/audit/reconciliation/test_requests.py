"""Ids that come again, in memory and on disk."""

import random

import pytest

from pricetrail.audit.reconciliation.requests import SeenRequests


@pytest.mark.parametrize("in_memory", [1, 7, 1_000])
def test_a_request_that_came_before_is_known_by_its_first_line(in_memory: int) -> None:
    chance, seen, truth = random.Random(3), SeenRequests(in_memory), dict[str, int]()
    for line in range(2, 500):
        request = f"req-{chance.randrange(200)}"
        assert seen.first_line(request, line) == truth.get(request)
        truth.setdefault(request, line)
    seen.close()


def test_ids_are_told_apart_byte_by_byte() -> None:
    seen = SeenRequests()
    assert [seen.first_line(name, n) for n, name in enumerate(("a", "A", "a ", "ä", "a"))] == [
        None,
        None,
        None,
        None,
        0,
    ]
    seen.close()
