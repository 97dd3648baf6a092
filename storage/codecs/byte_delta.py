"""One text by its difference from another: what stays, what goes, what comes in its place.

A byte tells the width of numbers, and then, as often as needed: how many bytes of the other text
stay, how many go, how many come in their place, and those. What is left at the end stays.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

_WIDTHS = {
    0: struct.Struct("BBB"),
    1: struct.Struct("<HBB"),
    2: struct.Struct("<IBB"),
    3: struct.Struct("<III"),
}
TAGS = frozenset(_WIDTHS)


class Splice(NamedTuple):
    """At `start` of the other text, `go` bytes make room for those that `come`."""

    start: int
    go: int
    come: bytes


def between(other: bytes, text: bytes, start: int = 0) -> Iterator[Splice]:
    """What turns `other`, which begins at `start`, into `text`.

    By the strings of a JSON text, each trimmed to what differs, where there are as many in both.
    """
    was, now = other.split(b'"'), text.split(b'"')
    if len(was) != len(now):
        # Keys came or went: what lies between the first and the last difference is replaced.
        was, now = [other], [text]
    for old, new in zip(was, now, strict=True):
        if old != new:
            lead, tail = _alike(old, new)
            yield Splice(start + lead, len(old) - lead - tail, new[lead : len(new) - tail])
        start += len(old) + 1


def pack(splices: Iterable[Splice]) -> bytes:
    """Splices in order, as bytes.

    Raises:
        ValueError: a text is too long for any width of numbers.
    """
    found = list(splices)
    for tag, numbers in _WIDTHS.items():
        try:
            return bytes([tag]) + b"".join(_packed(numbers, found))
        except struct.error:
            continue
    raise ValueError("the text is too long")


def _packed(numbers: struct.Struct, splices: Iterable[Splice]) -> Iterator[bytes]:
    taken = 0
    for start, go, come in splices:
        yield numbers.pack(start - taken, go, len(come)) + come
        taken = start + go


def apply(packed: bytes, other: bytes) -> bytes:
    """The text again.

    Raises:
        ValueError: `packed` is damaged.
    """
    try:
        numbers = _WIDTHS[packed[0]]
        found, taken, place = [], 0, 1
        while place < len(packed):
            stay, go, come = numbers.unpack_from(packed, place)
            place += numbers.size + come
            found += [other[taken : taken + stay], packed[place - come : place]]
            taken += stay + go
        found.append(other[taken:])
    except (struct.error, KeyError, IndexError) as error:
        raise ValueError(f"no difference: {error}") from None
    return b"".join(found)


def _alike(one: Sequence[int], other: Sequence[int]) -> tuple[int, int]:
    """How many bytes of two that differ are the same at the beginning, and at the end."""
    most = min(len(one), len(other))
    lead = _same(zip(one, other, strict=False))
    tail = _same(zip(reversed(one), reversed(other), strict=False))
    return lead, min(tail, most - lead)


def _same(pairs: Iterable[tuple[int, int]]) -> int:
    number = 0
    for one, other in pairs:
        if one != other:
            break
        number += 1
    return number
