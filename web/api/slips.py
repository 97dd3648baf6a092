"""Parameters of `/v1` that are none, and may have been meant to be ours.

A client of the gateway may send what it always sends. But a wrong name for the time must never
quietly give the prices of today.
"""

from starlette.requests import Request

from pricetrail.catalog.errors import InvalidInputError

_OURS = ("at", "source")
# What else somebody may call the two.
_MEANT = {
    "at": ("as_of", "asof", "date", "datetime", "day", "time", "timestamp", "when", "until"),
    "source": ("sources", "src", "gateway", "provider"),
}


def refuse_slips(request: Request, in_path: tuple[tuple[str, str | None], ...]) -> None:
    """Refuse a parameter that looks like a slip of `at` or `source`, or repeats the path's.

    Args:
        in_path: what the path says already, by the parameter's name; None where it does not.

    Raises:
        InvalidInputError: there is one.
    """
    said = {name for name, value in in_path if value is not None}
    for name in request.query_params:
        if name in said:
            raise InvalidInputError(
                f"the address says already which {_word(name)}: leave {name}= out"
            )
        if name in _OURS:
            if len(request.query_params.getlist(name)) > 1:
                raise InvalidInputError(f"{name} is given more than once: give it once")
        elif (meant := _meant(name)) is not None:
            raise InvalidInputError(f"unknown parameter {name!r}; did you mean {meant}?")


def _word(name: str) -> str:
    return "time" if name == "at" else "source"


def _meant(name: str) -> str | None:
    """Which of ours a name may have been meant to be; None where neither."""
    folded = name.strip().casefold().replace("-", "_")
    for ours in _OURS:
        if folded == ours or folded in _MEANT[ours] or _is_one_off(folded, ours):
            return ours
    return None


def _is_one_off(name: str, ours: str) -> bool:
    """Whether one letter more, less, other or two swapped make one of the other."""
    shorter, longer = sorted((name, ours), key=len)
    if len(longer) - len(shorter) == 1:
        return any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))
    if len(longer) != len(shorter):
        return False
    differing = [i for i, (a, b) in enumerate(zip(name, ours, strict=True)) if a != b]
    if len(differing) == 2 and differing[1] == differing[0] + 1:
        first, second = differing
        return name[first] == ours[second] and name[second] == ours[first]
    return len(differing) <= 1
