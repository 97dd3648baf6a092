"""A head that somebody saved elsewhere: what makes a history provable to them."""

import re
from dataclasses import dataclass

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.merkle import hash_text

# What chat messages carry: 64 of the hash's 256 bits.
SHOWN_DIGITS = 16
_SAVED = re.compile(r"(?:([1-9][0-9]{0,8}):)?sha256:([0-9a-f]{64})", re.ASCII)
_PREFIX = re.compile(r"(?:([1-9][0-9]{0,8}):)?(?:sha256:)?([0-9a-f]{1,64})…?", re.ASCII)
_WHOLE = 64


class SavedHeadError(InvalidInputError):
    """What was given is not a head."""


@dataclass(frozen=True, slots=True)
class SavedHead:
    """The chain's hash at a version; `version` is None where only the hash was written down."""

    version: int | None
    hash: bytes

    def __str__(self) -> str:
        return _with_version(self.version, self.text)

    @property
    def text(self) -> str:
        """The hash alone."""
        return hash_text(self.hash)

    @property
    def bits(self) -> int:
        """How much of the hash is known: all of it."""
        return 4 * _WHOLE

    def matches(self, head: bytes) -> bool:
        """Whether it is that hash."""
        return self.hash == head


@dataclass(frozen=True, slots=True)
class HeadPrefix:
    """The beginning of the chain's hash at a version, in hex digits, as chat messages carry it.

    A weaker witness than the whole: another history with the same beginning can be searched for.
    """

    version: int | None
    digits: str

    @classmethod
    def of(cls, version: int, head: bytes | None) -> "HeadPrefix":
        """The prefix that a chat message carries; `?` where the head is not known."""
        return cls(version, "?" if head is None else head.hex()[:SHOWN_DIGITS])

    def __str__(self) -> str:
        return _with_version(self.version, self.digits)

    @property
    def text(self) -> str:
        """The digits alone, and that there are more."""
        return f"{self.digits}…"

    @property
    def bits(self) -> int:
        """How much of the hash is known."""
        return 4 * len(self.digits)

    def matches(self, head: bytes) -> bool:
        """Whether the hash begins so."""
        return head.hex().startswith(self.digits)


HeadWitness = SavedHead | HeadPrefix


def _with_version(version: int | None, text: str) -> str:
    return text if version is None else f"{version}:{text}"


def saved_head(text: str) -> SavedHead:
    """Read `1842:sha256:…`, as `pricetrail head` prints it, or `sha256:…`, as messages carry it.

    Raises:
        SavedHeadError: neither.
    """
    match = _SAVED.fullmatch(text.strip().lower())
    if match is None:
        what = "only a part of" if _PREFIX.fullmatch(text.strip().lower()) else "not"
        raise SavedHeadError(
            f"{text[:80]!r} is {what} a head: write sha256: and 64 hex digits, as messages of the "
            "format json carry it, or VERSION:sha256:…, as `pricetrail head` prints it"
        )
    return SavedHead(int(match[1]) if match[1] else None, bytes.fromhex(match[2]))


def head_witness(text: str) -> HeadWitness:
    """Read a head as `saved_head` does, or its beginning: `1842:5a5a5a5a5a5a5a5a`, or no version.

    Raises:
        SavedHeadError: neither, or fewer digits than chat messages carry.
    """
    match = _PREFIX.fullmatch(text.strip().lower())
    if match is None:
        raise SavedHeadError(
            f"{text[:80]!r} is not a head: write VERSION:sha256:…, as `pricetrail head` prints it, "
            "or VERSION: and 16 hex digits, as a chat message ends with"
        )
    version, digits = int(match[1]) if match[1] else None, match[2]
    if len(digits) < SHOWN_DIGITS:
        raise SavedHeadError(
            f"{text[:80]!r} has {len(digits)} hex digits of a head, which many histories begin "
            f"with: write {SHOWN_DIGITS} at least, as a chat message ends with, or all 64"
        )
    if len(digits) < _WHOLE:
        return HeadPrefix(version, digits)
    return SavedHead(version, bytes.fromhex(digits))
