"""Fields of a model that a source calls noise: kept as served, and left out of comparisons.

A pattern is a JSON Pointer whose segments may hold `*` (any run of characters) and `?` (one);
neither crosses a `/`. A pattern stands for the leaf that it names and for all that lies below it;
an object or array of which nothing else is left is as good as an empty one, and as none.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.pointers import split

_ESCAPES = re.compile(r"~(?![01])")
_PRICING = "pricing"


class IgnoreError(InvalidInputError, ValueError):
    """A pattern that cannot be used; its text, which may be a secret, is never repeated."""


@dataclass(frozen=True)
class Ignored:
    """Which fields are left out of comparisons.

    Raises:
        IgnoreError: a pattern is no JSON Pointer, names a whole model, its id or a price.
    """

    patterns: tuple[str, ...] = ()
    _compiled: tuple[tuple[re.Pattern[str], ...], ...] = field(
        init=False, repr=False, compare=False, default=()
    )

    def __post_init__(self) -> None:
        compiled = tuple(
            _parse(pattern, index) for index, pattern in enumerate(self.patterns, start=1)
        )
        object.__setattr__(self, "_compiled", compiled)

    def __bool__(self) -> bool:
        return bool(self.patterns)

    def covers(self, pointer: str, leaf: object = None) -> bool:
        """Whether a leaf is one of them, lies below one, or is empty where one would be."""
        if not self.patterns:
            return False
        tokens = split(pointer)
        # Whatever a pattern says, no price is ever left out.
        return tokens[:1] != [_PRICING] and any(
            _matches(segments, tokens) and (len(segments) <= len(tokens) or leaf in ({}, []))
            for segments in self._compiled
        )


NOTHING = Ignored()


def _matches(segments: tuple[re.Pattern[str], ...], tokens: list[str]) -> bool:
    """Whether as many segments as there are match, from the root on."""
    pairs = zip(segments, tokens, strict=False)
    return all(segment.fullmatch(token) for segment, token in pairs)


def _parse(pattern: str, index: int) -> tuple[re.Pattern[str], ...]:
    this = f"pattern {index}"
    if not pattern.startswith("/") or pattern.endswith("/") or _ESCAPES.search(pattern):
        raise IgnoreError(f'{this} is not a JSON Pointer: write "/created_at"')
    segments = tuple(_compiled(token) for token in split(pattern))
    if segments[0].fullmatch(_PRICING):
        raise IgnoreError(f"{this} would leave out prices, which cannot be ignored")
    if len(segments) == 1 and segments[0].fullmatch("id"):
        raise IgnoreError(f"{this} would leave out the id: name the fields one by one")
    return segments


def _compiled(token: str) -> re.Pattern[str]:
    # Runs of stars are one, and atomic groups keep the time linear (see text/globs.py).
    parts = [re.escape(part).replace(r"\?", ".") for part in token.split("*")]
    first, *rest = parts
    if not rest:
        return re.compile(first, re.DOTALL)
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1] if part)
    return re.compile(f"{first}{middle}.*{rest[-1]}", re.DOTALL)


def parse(patterns: Iterable[Any]) -> Ignored:
    """The fields that patterns name, each once.

    Raises:
        IgnoreError: see `Ignored`; or a pattern is no text.
    """
    texts = list(patterns)
    if not all(isinstance(text, str) for text in texts):
        raise IgnoreError("a pattern is no text")
    return Ignored(tuple(dict.fromkeys(texts)))
