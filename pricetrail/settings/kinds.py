"""The kinds of values: each reads what a file or a variable gives, or says what to write.

A variable, and what `env:NAME` leads to, is text whatever it says: numbers and switches are read
from text as well. What a value may be beyond its kind is for `jobs.source`, `alerts.webhooks` and
`web` to judge. No value is repeated: it may be a secret.
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal

from pricetrail.catalog.times import TimeError, duration
from pricetrail.text.refusals import NEITHER, NO_LIST, NO_NUMBER, NO_TABLE, NO_TEXT

Kind = Callable[[object], object]

_SIZE = re.compile(r"([0-9]{1,12})\s*(B|KiB|MiB|GiB)?", re.ASCII)
_FACTORS = {None: 1, "B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_WHOLE = re.compile(r"\s*[+-]?[0-9]{1,18}\s*", re.ASCII)
_LARGEST = 10**18
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?", re.ASCII)
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*", re.ASCII)
_SWITCHES = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}


class BadValueError(ValueError):
    """What is wrong with a value, with the remedy; `member` is the key of a table's member."""

    def __init__(self, text: str, member: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.member = member


def text(value: object) -> str:
    """Any text."""
    if not isinstance(value, str):
        raise BadValueError(NO_TEXT)
    return value


def choice(*names: str) -> Kind:
    """One of a few words."""

    def read(value: object) -> str:
        if value not in names:
            raise BadValueError(f"must be one of {', '.join(names)}")
        return str(value)

    read.__doc__ = f"One of {', '.join(names)}."
    return read


def switch(value: object) -> bool:
    """`true` or `false`."""
    if isinstance(value, bool):
        return value
    found = _SWITCHES.get(str(value).strip().lower())
    if found is None:
        raise BadValueError(NEITHER)
    return found


def whole(value: object) -> int:
    """A whole number."""
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        value = int(value) if abs(value) < _LARGEST else str(value)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise BadValueError(NO_NUMBER)
    if isinstance(value, str) and not _WHOLE.fullmatch(value):
        raise BadValueError(NO_NUMBER)
    if not -_LARGEST < int(value) < _LARGEST:
        raise BadValueError("too large a number: write a smaller one")
    return int(value)


def port(value: object) -> int:
    """A TCP port; 0 is a free one."""
    number = whole(value)
    if number < 0:
        raise BadValueError("too small: write 0 or more")
    if number > 65535:
        raise BadValueError("too large: write 65535 or less")
    return number


def span(value: object) -> timedelta:
    """A duration."""
    try:
        return duration(value if isinstance(value, str) else "")
    except TimeError:
        raise BadValueError("not a duration: write 90s, 15m, 1h or 2d") from None


def size(value: object) -> int:
    """A number of bytes."""
    match = _SIZE.fullmatch(str(value).strip())
    if match is None or isinstance(value, bool):
        raise BadValueError("not a size: write 16MiB, 512KiB or a number of bytes")
    return int(match[1]) * _FACTORS[match[2]]


def amount(value: object) -> Decimal:
    """A number of zero or more, exactly as it is written."""
    written = str(value).strip()
    if isinstance(value, bool) or not _AMOUNT.fullmatch(written):
        raise BadValueError('not a number of zero or more: write one such as "1" or "2.5"')
    return Decimal(written)


def names(value: object) -> tuple[str, ...]:
    """A list of text; one is as good as a list of one."""
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list | tuple):
        raise BadValueError(NO_LIST)
    for number, member in enumerate(value, 1):
        if not isinstance(member, str):
            raise BadValueError(f"entry {number}: {NO_TEXT}")
    return tuple(value)


def table(value: object) -> Mapping[str, str]:
    """Text by name."""
    if not isinstance(value, dict):
        raise BadValueError(NO_TABLE)
    for name, member in value.items():
        if not isinstance(member, str):
            raise BadValueError(NO_TEXT, name)
    return value


def labels(value: object) -> Mapping[str, str]:
    """Text by name; in a variable as `team=search,stage=live`."""
    if not isinstance(value, str):
        return table(value)
    pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
    if not all(equals for _, equals, _ in pairs):
        raise BadValueError("not labels: write them as team=search,stage=live")
    return {name.strip(): member.strip() for name, _, member in pairs}


def path_prefix(value: object) -> str:
    """A path without the `/` at its end; empty for the root itself."""
    path = str(value).rstrip("/")
    if not _PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
        raise BadValueError("not a path: write one such as /prices")
    return path
