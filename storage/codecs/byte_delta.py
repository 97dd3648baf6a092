"""One text by its difference from another: what stays, what goes, what comes in its place.

A byte tells the width of numbers, and then, as often as needed: how many bytes of the other text
stay, how many are deleted, how many are inserted in their place, and those. What is left at the end
stays.
"""

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

_WIDTHS = {
    0: struct.Struct("BBB"),
    1: struct.Struct("<HBB"),
    2: struct.Struct("<IBB"),
    3: struct.Struct("<III"),
}
# What a difference begins with: nothing else that is stored does.
TAGS = frozenset(bytes([tag]) for tag in _WIDTHS)
# What parts a catalog into models, a model into objects, and those into strings.
_MARKS = (b'"id"', b"{", b'"')


class Splice(NamedTuple):
    """At `start` of the text before, `delete` bytes make room for those of `insert`."""

    start: int
    delete: int
    insert: bytes


def encode(before: bytes, after: bytes) -> bytes:
    """What turns `before` into `after`.

    Raises:
        ValueError: a text is too long for any width of numbers.
    """
    return _encoded(list(diff(before, after)))


def encode_short(before: bytes, after: bytes, longest: int) -> bytes | None:
    """What turns `before` into `after`; None where that is longer than so many bytes."""
    if len(after) - len(before) > longest:
        return None
    splices, least = [], 0
    for splice in diff(before, after):
        least += _WIDTHS[0].size + len(splice.insert)
        if least > longest:
            return None
        splices.append(splice)
    found = _encoded(splices)
    return found if len(found) <= longest else None


def _encoded(splices: Sequence[Splice]) -> bytes:
    for tag, numbers in _WIDTHS.items():
        try:
            return bytes([tag]) + b"".join(_packed(numbers, splices))
        except struct.error:
            continue
    raise ValueError("the text is too long")


def decode(before: bytes, delta: bytes) -> bytes:
    """The text after, byte for byte.

    Raises:
        ValueError: `delta` is damaged.
    """
    try:
        numbers = _WIDTHS[delta[0]]
        parts, taken, index = [], 0, 1
        while index < len(delta):
            stay, delete, insert = numbers.unpack_from(delta, index)
            index += numbers.size + insert
            parts += [before[taken : taken + stay], delta[index - insert : index]]
            taken += stay + delete
        parts.append(before[taken:])
    except (struct.error, KeyError, IndexError) as error:
        raise ValueError(f"no difference: {error}") from None
    return b"".join(parts)


def diff(before: bytes, after: bytes) -> Iterator[Splice]:
    """The splices in order.

    By the models of a catalog, their objects and the strings of those, each trimmed to what
    differs, where there are as many in both.
    """
    lead, tail = _common(before, after)
    was, now = before[lead : len(before) - tail], after[lead : len(after) - tail]
    if was != now:
        yield from _parted(lead, was, now, _MARKS)


def _parted(start: int, old: bytes, new: bytes, marks: Sequence[bytes]) -> Iterator[Splice]:
    """The splices of a part that differs and begins at `start`; what stays is passed over whole."""
    mark, *finer = marks or (b"",)
    if not mark or old.count(mark) != new.count(mark):
        # Where some came or went, what lies between the first and the last difference is replaced.
        lead, tail = _common(old, new)
        yield Splice(start + lead, len(old) - lead - tail, new[lead : len(new) - tail])
        return
    for one, other in zip(old.split(mark), new.split(mark), strict=True):
        if one != other:
            yield from _parted(start, one, other, finer)
        start += len(one) + len(mark)


def _packed(numbers: struct.Struct, splices: Iterable[Splice]) -> Iterator[bytes]:
    taken = 0
    for start, delete, insert in splices:
        yield numbers.pack(start - taken, delete, len(insert)) + insert
        taken = start + delete


def _common(old: bytes, new: bytes) -> tuple[int, int]:
    """How many bytes of two texts are the same at the beginning, and then at the end."""
    most, size, other = min(len(old), len(new)), len(old), len(new)
    lead = _same(most, lambda low, high: old[low:high] == new[low:high])
    tail = _same(
        most - lead,
        lambda low, high: old[size - high : size - low] == new[other - high : other - low],
    )
    return lead, tail


def _same(most: int, alike: Callable[[int, int], bool]) -> int:
    """How many bytes are the same from one end on: stretches are compared, and no single bytes."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if alike(low, middle):
            low = middle
        else:
            high = middle - 1
    return low
