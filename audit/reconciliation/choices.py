"""Of the causes that explain amounts, those that are named: the fewest that explain the most."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from pricetrail.audit.reconciliation.causes import Cause

# Causes between which nothing decides.
Alternatives: TypeAlias = tuple[Cause, ...]

_MOST_ALTERNATIVES = 3
_MANY = 2_000


@dataclass
class Fits:
    """Amounts that differ, by the set of causes that explain them."""

    rows: Counter[frozenset[Cause]] = field(default_factory=Counter)
    bits: Counter[frozenset[Cause]] = field(default_factory=Counter)

    def add(self, causes: frozenset[Cause], bits: float) -> None:
        """Add an amount, and how much it tells."""
        # What a file makes up without end must not fill the memory.
        if causes in self.rows or len(self.rows) < _MANY:
            self.rows[causes] += 1
            self.bits[causes] += bits  # type: ignore[assignment]  # of a counter of floats

    def with_all(self, causes: Collection[Cause]) -> "Fits":
        """The same, where some causes explain every amount besides."""
        fits = Fits()
        for known, number in self.rows.items():
            fits.rows[known | frozenset(causes)] += number
            fits.bits[known | frozenset(causes)] += self.bits[known]
        return fits


def choose(fits: Fits, contradicted: Collection[Cause], enough: float) -> tuple[Alternatives, ...]:
    """The causes to be named, the one that explains the most amounts first.

    Args:
        contradicted: causes that would have changed amounts which are as they should be.
        enough: how much the amounts that a cause explains must tell, in halvings of the chance
            that any cause would explain them.
    """
    return tuple(_choices(dict(fits.rows), fits.bits, contradicted, enough))


def _choices(
    rows: dict[frozenset[Cause], int],
    bits: Mapping[frozenset[Cause], float],
    contradicted: Collection[Cause],
    enough: float,
) -> Iterator[Alternatives]:
    while True:
        found = [_covered(cause, rows) for cause in {one for causes in rows for one in causes}]
        fitting = [one for one in found if sum(bits[causes] for causes in one[1]) >= enough]
        if not fitting:
            return
        most = max(sum(rows[causes] for causes in covered) for _, covered in fitting)
        best = [one for one in fitting if sum(rows[causes] for causes in one[1]) == most]
        best = [one for one in best if one[0] not in contradicted] or best
        best.sort(key=lambda one: one[0].order)
        covered = best[0][1]
        alternatives = [cause for cause, those in best if those == covered]
        # An odd factor always comes near what has a reason.
        plain = [cause for cause in alternatives if not cause.is_odd]
        alternatives = plain or alternatives
        yield _one_of_each_kind(alternatives)
        for causes in covered:
            del rows[causes]


def _covered(
    cause: Cause, rows: Mapping[frozenset[Cause], int]
) -> tuple[Cause, frozenset[frozenset[Cause]]]:
    return cause, frozenset(causes for causes in rows if cause in causes)


def _one_of_each_kind(causes: list[Cause]) -> Alternatives:
    kinds: dict[str, Cause] = {}
    for cause in causes:
        kinds.setdefault(cause.kind, cause)
    return tuple(kinds.values())[:_MOST_ALTERNATIVES]
