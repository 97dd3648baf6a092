"""Rows of measurements, printed and written down."""

import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import perf_counter

MISSED = "missed"
COLUMNS = ("what", "measured", "unit", "goal", "")


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound that a measurement should keep."""

    bound: float
    at_least: bool

    def met(self, value: float) -> bool:
        """Whether a value keeps it."""
        return value >= self.bound if self.at_least else value <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}"


def at_least(bound: float) -> Goal:
    """A measurement that should not be smaller."""
    return Goal(bound, at_least=True)


def at_most(bound: float) -> Goal:
    """A measurement that should not be larger."""
    return Goal(bound, at_least=False)


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: what, how much in which unit, and what it should be.

    A text as value says why there is no number.
    """

    what: str
    value: float | str
    unit: str
    goal: Goal | None = None

    @property
    def shown(self) -> str:
        """The value with three significant digits."""
        if isinstance(self.value, str):
            return self.value
        if abs(self.value) >= 100:
            return f"{self.value:,.0f}"
        return f"{self.value:.3g}"

    @property
    def missed(self) -> bool:
        """Whether there is a goal and the measurement does not keep it."""
        return (
            self.goal is not None
            and not isinstance(self.value, str)
            and not self.goal.met(self.value)
        )

    @property
    def cells(self) -> tuple[str, ...]:
        """As the columns are: what, measured, unit, goal, and a mark where it was missed."""
        goal = str(self.goal) if self.goal is not None else ""
        return self.what, self.shown, self.unit, goal, MISSED if self.missed else ""


def markdown(rows: Iterable[Row]) -> str:
    """A table for `benchmarks/README.md`."""
    lines = ["| what | measured | unit | goal | |", "| --- | ---: | --- | --- | --- |"]
    for row in rows:
        cells = "".join(f" {cell} |" if cell else " |" for cell in row.cells)
        lines.append(f"|{cells}")
    return "\n".join(lines)


def timed(work: Callable[[], object]) -> float:
    """How many seconds it takes, once."""
    start = perf_counter()
    work()
    return perf_counter() - start


def medians(rounds: int, **works: Callable[[], object]) -> dict[str, float]:
    """The median seconds of several works, run in turns: what slows one slows the others."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            times[name].append(timed(work))
    return {name: statistics.median(found) for name, found in times.items()}
