"""Cursors of the event log: opaque text that says how far its reader has come.

A reader goes through the log in rounds: a round is all that was recorded when it began, in order
of time; the next is what was recorded since. So nothing that comes late (an import of old
observations, another source) is left out, and nothing comes twice.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import Self

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.strict_json import dumps
from pricetrail.queries.answers import time_or_null
from pricetrail.storage.history.event_lanes import Position

_SEAL = 6
_LONGEST = 200_000
# What a database takes as a number.
_MOST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Question:
    """Which events are read: as for `queries.events.ask`, without a limit."""

    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    types: tuple[str, ...] = ()
    model: str | None = None

    def fingerprint(self) -> bytes:
        """What tells this question from others."""
        times = (time_or_null(self.since), time_or_null(self.until))
        return dumps([self.source, *times, sorted(set(self.types)), self.model]).encode()


@dataclass(frozen=True, slots=True)
class Cursor:
    """A reader's place: behind `last` in the round from `low` to `high`.

    Where `high` is None no round has begun: the next one is all that is recorded behind `low`.
    """

    low: Position = field(default_factory=dict)
    high: Position | None = None
    last: int = 0

    def text(self, question: Question) -> str:
        """The cursor as text, good for this question alone."""
        body = b"".join(map(_packed, self._numbers()))
        sealed = _seal(body, question) + body
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    @classmethod
    def read(cls, text: str, question: Question) -> Self:
        """Read a cursor's text.

        Raises:
            InvalidInputError: it is none, or one of another question.
        """
        sealed = _decoded(text)
        seal, body = sealed[:_SEAL], sealed[_SEAL:]
        # The seal tells of slips: whoever reads this can make one.
        place = cls._opened(body) if seal == _seal(body, question) else None
        if place is None:
            raise InvalidInputError(
                "this cursor is for a different query or was cut short: repeat the original "
                "query, or start without a cursor"
            )
        return place

    @classmethod
    def _opened(cls, body: bytes) -> Self | None:
        """The place that was packed; None where it cannot have been one."""
        numbers = list(_unpacked(body))
        try:
            last, low_size = numbers[0], 2 * numbers[1]
            low = dict(_pairs(numbers[2 : 2 + low_size]))
            beyond = dict(_pairs(numbers[3 + low_size :]))
            whole = len(numbers) == 3 + low_size + 2 * numbers[2 + low_size]
        except IndexError:
            return None
        # Of a round that has begun there is always something behind its beginning.
        high = {lane: low.get(lane, 0) + more for lane, more in beyond.items()}
        largest = max((last, *low, *low.values(), *high, *high.values()))
        if not whole or largest > _MOST:
            return None
        return cls(low, low | high if high else None, last)

    def _numbers(self) -> Iterator[int]:
        """The last number; then lanes: those of `low`, and how far those of `high` are beyond."""
        yield self.last
        yield from _counted(self.low)
        beyond = {
            lane: number - self.low.get(lane, 0)
            for lane, number in (self.high or {}).items()
            if number != self.low.get(lane, 0)
        }
        yield from _counted(beyond)


def _counted(position: Mapping[int, int]) -> Iterator[int]:
    yield len(position)
    before = 0
    for lane in sorted(position):
        yield lane - before
        yield position[lane]
        before = lane


def _pairs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    lanes = accumulate(numbers[::2])
    return zip(lanes, numbers[1::2], strict=False)


def _packed(number: int) -> bytes:
    """Seven bits a byte, the lowest first; the high bit says that more follow (LEB128)."""
    packed = bytearray()
    while number > 0x7F:
        packed.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*packed, number])


def _unpacked(body: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in body:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield number
            number = shift = 0
        elif shift > _MOST.bit_length():
            return


def _seal(body: bytes, question: Question) -> bytes:
    return hashlib.blake2b(body, key=hashlib.sha256(question.fingerprint()).digest()).digest()[
        :_SEAL
    ]


def _decoded(text: str) -> bytes:
    if len(text) > _LONGEST:
        return b""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
