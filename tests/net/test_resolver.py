"""A host has the addresses that the system says."""

from pricetrail.net.resolver import resolve


def test_every_address_of_a_name_is_given_once() -> None:
    found = resolve("localhost", 80)
    assert len(found) == len(set(found))
    assert set(found) <= {"127.0.0.1", "::1"}
