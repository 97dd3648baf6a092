"""The ledgers of gateway and receivers tell whatever is not as it must be."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.faults.ledgers import (
    MODELS,
    LedgerError,
    Message,
    NotYetError,
    check_chains,
    check_once,
    price,
)

LAST = 9


def story() -> list[Message]:
    """What two webhooks are told of one source, catalog by catalog."""
    return [
        Message(
            webhook,
            f"evt_{number}",
            "s0",
            1 + number,
            f"sha256:{number}",
            name,
            price(name, number - 1),
            price(name, number),
        )
        for number in range(1, LAST + 1)
        for name in [f"m-{number % MODELS}"]
        for webhook in ("a", "b")
    ]


def check(taken: list[Message], last: int = LAST) -> None:
    check_chains(taken, {"s0": last}, {"a", "b"})


def test_a_story_that_is_whole_passes() -> None:
    assert len({price(f"m-{number % MODELS}", number) for number in range(LAST + 1)}) == LAST + 1
    check(story())
    check_once(story())


def test_a_message_that_came_again_later_counts_once() -> None:
    told = story()
    again = [*told[:6], replace(told[1], head="sha256:another"), *told[6:], told[0]]
    check(again)
    with pytest.raises(LedgerError, match="more than once"):
        check_once(again)


TAMPERED: dict[str, Callable[[list[Message]], list[Message]]] = {
    "lost": lambda told: told[:4] + told[6:],
    "lost for one": lambda told: told[:5] + told[6:],
    "invented": lambda told: [*told[:6], replace(told[0], id="evt_x"), *told[6:]],
    "out of order": lambda told: [*told[8:10], *told[:8], *told[10:]],
    "another amount": lambda told: [replace(told[0], new=told[0].new * 2), *told[1:]],
    "of another source": lambda told: [replace(told[0], source="s1"), *told[1:]],
    "one id for two": lambda told: [*told, replace(told[0], version=99)],
    "an earlier version": lambda told: [*told[:4], replace(told[4], version=1), *told[5:]],
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_story_that_was_tampered_with_does_not(how: str) -> None:
    with pytest.raises(LedgerError) as raised:
        check(TAMPERED[how](story()))
    assert not isinstance(raised.value, NotYetError)


def test_what_has_not_come_yet_may_come() -> None:
    for last in (LAST - 1, LAST + 1):
        with pytest.raises(NotYetError):
            check(story(), last)
