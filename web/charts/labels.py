"""Texts beside the ends of lines, moved apart until none lies on another."""

from collections.abc import Sequence


def spread(wanted: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Places as near to the wanted ones as they can be, `apart` from each other.

    Their order stays, and they lie between `low` and `high` as long as there is room.
    """
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    # Neighbours that touch move as one, around the middle of where they want to be.
    clusters: list[list[int]] = []
    for index in order:
        clusters.append([index])
        while len(clusters) > 1 and _end(clusters[-2], wanted, apart, low, high) > _begin(
            clusters[-1], wanted, apart, low, high
        ):
            last = clusters.pop()
            clusters[-1] += last
    places = [0.0] * len(wanted)
    for cluster in clusters:
        first = _begin(cluster, wanted, apart, low, high)
        for offset, index in enumerate(cluster):
            places[index] = first + offset * apart
    return places


def _begin(
    cluster: Sequence[int], wanted: Sequence[float], apart: float, low: float, high: float
) -> float:
    """Where the first of a cluster lies."""
    offsets = sum(wanted[index] - place * apart for place, index in enumerate(cluster))
    first = offsets / len(cluster)
    return max(low, min(first, high - (len(cluster) - 1) * apart))


def _end(
    cluster: Sequence[int], wanted: Sequence[float], apart: float, low: float, high: float
) -> float:
    """Where the next one after a cluster may lie."""
    return _begin(cluster, wanted, apart, low, high) + len(cluster) * apart
