"""A head that somebody saved elsewhere: what makes a history provable to them."""

import re
from dataclasses import dataclass

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.merkle import hash_text

_SAVED = re.compile(r"(?:([1-9][0-9]{0,8}):)?sha256:([0-9a-f]{64})", re.ASCII)


class SavedHeadError(InvalidInputError):
    """What was given is not a head."""


@dataclass(frozen=True, slots=True)
class SavedHead:
    """The chain's hash at a version; `version` is None where only the hash was written down."""

    version: int | None
    hash: bytes

    def __str__(self) -> str:
        prefix = f"{self.version}:" if self.version is not None else ""
        return prefix + hash_text(self.hash)


def saved_head(text: str) -> SavedHead:
    """Read `1842:sha256:…`, as `pricetrail head` prints it, or `sha256:…`, as messages carry it.

    Raises:
        SavedHeadError: neither.
    """
    match = _SAVED.fullmatch(text.strip().lower())
    if match is None:
        raise SavedHeadError(
            f"{text[:80]!r} is not a head: write sha256: and 64 hex digits, as messages carry it, "
            "or VERSION:sha256:…, as `pricetrail head` prints it"
        )
    return SavedHead(int(match[1]) if match[1] else None, bytes.fromhex(match[2]))
