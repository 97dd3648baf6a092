"""Rows of measurements, printed and written down."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: what, how much in which unit, and what it should be."""

    what: str
    value: float | str
    unit: str
    goal: str = ""

    @property
    def shown(self) -> str:
        """The value with three significant digits."""
        if isinstance(self.value, str):
            return self.value
        if abs(self.value) >= 100:
            return f"{self.value:,.0f}"
        return f"{self.value:.3g}"


def markdown(rows: Iterable[Row]) -> str:
    """A table for people and for `benchmarks/README.md`."""
    lines = ["| what | measured | | goal |", "| --- | ---: | --- | --- |"]
    lines += [f"| {row.what} | {row.shown} | {row.unit} | {row.goal} |" for row in rows]
    return "\n".join(lines)
