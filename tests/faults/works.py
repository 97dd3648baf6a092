"""What is done again and again while one call after the other fails: polls and deliveries."""

from dataclasses import dataclass
from typing import Any

from tests.support.histories import model, tokens

Models = tuple[dict[str, Any], ...]

KNOWN: Models = tuple(model(f"m-{number:02}") for number in range(12))
CHEAPER = model("m-01", tokens("0.0000025", "0.000015"))
# One is gone, one is cheaper, one is new.
CHANGED: Models = (CHEAPER, *KNOWN[2:], model("new"))
# Too many are gone at once.
SUSPICIOUS: Models = KNOWN[:5]


@dataclass(frozen=True)
class Work:
    """A command, and what it finds.

    `known` was polled before, and nothing where it is empty; `served` is what the gateway lists by
    then. `still`: so many sources besides, of a gateway whose list stays. `owed`: `served` was
    polled before as well, and its messages are due. `webhook`: settings of the webhook besides.
    `refused`: so many messages are answered by 500.
    """

    command: tuple[str, ...]
    known: Models = KNOWN
    served: Models = KNOWN
    still: int = 0
    owed: bool = False
    webhook: str = ""
    refused: int = 0

    @property
    def sources(self) -> list[str]:
        """The names of the sources."""
        return ["moving", *(f"still-{number}" for number in range(self.still))]


POLL, DUE, DELIVER = ("poll",), ("poll", "--due"), ("deliver",)
WORKS = {
    "first poll": Work(POLL, known=()),
    "unchanged": Work(POLL),
    "changed": Work(POLL, served=CHANGED),
    "set aside": Work(POLL, served=SUSPICIOUS),
    "several that are due": Work(DUE, served=CHANGED, still=3),
    "delivery": Work(DELIVER, served=CHANGED, owed=True),
    "delivery that fails": Work(DELIVER, served=CHANGED, owed=True, refused=1),
    "digest": Work(DELIVER, served=CHANGED, owed=True, webhook='digest = "@yearly"'),
}
# Of this every call fails, as it polls and delivers; of the others some: they have most in common.
EVERY_CALL = "changed"
# Of those every so manyth call: a number without a divisor in common with that of the ways to fail.
SOME = 13
