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
# What each model of a catalog has once; where none has, what an object begins with.
_MODEL, _OBJECT, _STRING = b'"id"', b"{", b'"'
# So many bytes are compared at first, and twice as many whenever they are the same.
_STRETCH = 256


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

    From where a model begins to differ up to the next one, by the strings of its JSON text, each
    trimmed to what differs, where there are as many in both.
    """
    mark = _MODEL if _MODEL in before else _OBJECT
    at = to = _same(before, after)
    tail = _same_end(before, after, at)
    end, new_end = len(before) - tail, len(after) - tail
    while at < end or to < new_end:
        following, new_following = before.find(mark, at, end), after.find(mark, to, new_end)
        if following < 0 or new_following < 0:
            following, new_following = end, new_end
        yield from _by_strings(at, before[at:following], after[to:new_following])
        same = _same(before, after, following, new_following)
        same = min(same, end - following, new_end - new_following)
        at, to = following + same, new_following + same


def _by_strings(start: int, old: bytes, new: bytes) -> Iterator[Splice]:
    """The splices of a part that begins at `start`."""
    if old.count(_STRING) != new.count(_STRING):
        # Members came or went: what lies between the first and the last difference is replaced.
        yield _trimmed(start, old, new)
        return
    for one, other in zip(old.split(_STRING), new.split(_STRING), strict=True):
        if one != other:
            yield _trimmed(start, one, other)
        start += len(one) + len(_STRING)


def _trimmed(start: int, old: bytes, new: bytes) -> Splice:
    lead = _same(old, new)
    tail = _same_end(old, new, lead)
    return Splice(start + lead, len(old) - lead - tail, new[lead : len(new) - tail])


def _packed(numbers: struct.Struct, splices: Iterable[Splice]) -> Iterator[bytes]:
    taken = 0
    for start, delete, insert in splices:
        yield numbers.pack(start - taken, delete, len(insert)) + insert
        taken = start + delete


def _same(old: bytes, new: bytes, at: int = 0, to: int = 0) -> int:
    """How many bytes are the same from a place in either on.

    Stretches are compared, and no single bytes: that would take a hundred times as long.
    """
    most, done, stretch = min(len(old) - at, len(new) - to), 0, _STRETCH

    def alike(low: int, high: int) -> bool:
        return old[at + low : at + high] == new[to + low : to + high]

    while done < most and alike(done, done + stretch):
        done += stretch
        stretch *= 2
    return _first_other(min(done, most), min(done + stretch, most), alike)


def _same_end(old: bytes, new: bytes, lead: int) -> int:
    """How many bytes are the same up to the end, when so many at the beginning are left out."""
    size, new_size = len(old), len(new)
    return _first_other(
        0,
        min(size, new_size) - lead,
        lambda low, high: old[size - high : size - low] == new[new_size - high : new_size - low],
    )


def _first_other(low: int, high: int, alike: Callable[[int, int], bool]) -> int:
    """The place of the first byte from `low` on that is another; `high` where none is before it."""
    while low < high:
        middle = (low + high + 1) // 2
        if alike(low, middle):
            low = middle
        else:
            high = middle - 1
    return low
