"""Whoever guesses must wait."""

import pytest

from pricetrail.web.access.tries import MOST, WITHIN, Tries


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def guess(tries: Tries, address: str, times: int = MOST) -> list[int]:
    return [tries.begin(address) for _ in range(times)]


def test_after_so_many_wrong_tokens_one_waits(clock: Clock) -> None:
    tries = Tries(clock)
    assert guess(tries, "10.0.0.7") == [0] * MOST
    assert tries.begin("10.0.0.7") == WITHIN + 1
    assert tries.begin("10.0.0.8") == 0
    clock.now += WITHIN - 0.5
    assert tries.begin("10.0.0.7") == 1
    clock.now += 0.5
    assert tries.begin("10.0.0.7") == 0


def test_waiting_is_not_made_longer_by_asking(clock: Clock) -> None:
    tries = Tries(clock)
    guess(tries, "10.0.0.7", 10 * MOST)
    clock.now += WITHIN
    assert tries.begin("10.0.0.7") == 0


def test_right_tokens_do_not_count(clock: Clock) -> None:
    tries = Tries(clock)
    for _ in range(3 * MOST):
        assert tries.begin("10.0.0.7") == 0
        tries.forgive("10.0.0.7")
    assert not tries._tries
    tries.forgive("10.0.0.7")


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:10.0.0.7", "10.0.0.7", True),
        ("::ffff:10.0.0.7", "::ffff:10.0.0.8", False),
        ("unknown", "unknown", True),
        ("x" * 1000, "x" * 2000, True),
    ],
)
def test_addresses_of_one_network_count_together(
    clock: Clock, one: str, other: str, together: bool
) -> None:
    tries = Tries(clock)
    guess(tries, one)
    assert (tries.begin(other) > 0) is together


def test_memory_is_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pricetrail.web.access.tries._ADDRESSES", 50)
    tries = Tries(clock)
    for number in range(200):
        guess(tries, f"10.0.0.{number}")
    assert len(tries._tries) == 50
    assert tries.begin("10.0.0.199") > 0
