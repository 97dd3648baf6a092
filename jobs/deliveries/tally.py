"""How a round of deliveries went."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tally:
    """How a round of deliveries went, in messages."""

    delivered: int = 0
    retrying: int = 0
    dead: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.delivered + other.delivered,
            self.retrying + other.retrying,
            self.dead + other.dead,
        )

    @property
    def failed(self) -> int:
        """How many were not accepted, whether they are tried again or not."""
        return self.retrying + self.dead

    def counts(self) -> dict[str, int]:
        """The numbers by name."""
        return {"delivered": self.delivered, "retrying": self.retrying, "dead": self.dead}

    def as_json(self) -> dict[str, object]:
        """The shape of `deliver`."""
        return {"deliveries": self.counts()}
