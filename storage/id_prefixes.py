"""Ids by their beginnings, as people type them: `evt_5c8e` will do where one id begins so."""

from collections.abc import Sequence

from pricetrail.catalog.errors import InvalidInputError

# So many of the ids that fit are named where there are several.
SHOWN = 4
_HEX_DIGITS = frozenset("0123456789abcdef")


class AmbiguousIdError(InvalidInputError):
    """Several ids begin with what was given; the first of them are named."""

    def __init__(self, kind: str, given: str, candidates: Sequence[str]) -> None:
        more = ", …" if len(candidates) > SHOWN else ""
        named = ", ".join(candidates[:SHOWN])
        super().__init__(
            f"{given!r} is the beginning of several {kind}: {named}{more}; give more of it"
        )


def digits_of(given: str, prefix: str, length: int) -> str | None:
    """The hex digits of an id, or of its beginning; None where no id can begin so.

    A terminal shows ids cut short, with an ellipsis: one that was copied from there is taken.
    """
    digits = given.strip().lower().removesuffix("…").removeprefix(prefix)
    if not 0 < len(digits) <= length or set(digits) - _HEX_DIGITS:
        return None
    return digits
