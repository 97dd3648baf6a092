"""One text by its difference from another: what stays, what goes, what comes in its place.

A byte tells the width of numbers, and then, as often as needed: how many bytes of the other text
stay, how many are deleted, how many are inserted in their place, and those. What is left at the end
stays.
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
    splices = list(diff(before, after))
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

    By the strings of a JSON text, each trimmed to what differs, where there are as many in both.
    """
    old_parts, new_parts = before.split(b'"'), after.split(b'"')
    if len(old_parts) != len(new_parts):
        # Keys came or went: what lies between the first and the last difference is replaced.
        old_parts, new_parts = [before], [after]
    start = 0
    for old, new in zip(old_parts, new_parts, strict=True):
        if old != new:
            lead, tail = _common(old, new)
            yield Splice(start + lead, len(old) - lead - tail, new[lead : len(new) - tail])
        start += len(old) + 1


def _packed(numbers: struct.Struct, splices: Iterable[Splice]) -> Iterator[bytes]:
    taken = 0
    for start, delete, insert in splices:
        yield numbers.pack(start - taken, delete, len(insert)) + insert
        taken = start + delete


def _common(old: Sequence[int], new: Sequence[int]) -> tuple[int, int]:
    """How many bytes of two that differ are the same at the beginning, and at the end."""
    most = min(len(old), len(new))
    lead = _same(zip(old, new, strict=False))
    tail = _same(zip(reversed(old), reversed(new), strict=False))
    return lead, min(tail, most - lead)


def _same(pairs: Iterable[tuple[int, int]]) -> int:
    number = 0
    for old, new in pairs:
        if old != new:
            break
        number += 1
    return number
