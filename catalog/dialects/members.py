"""What every gateway's list says alike: where its models stand, and what of them is no price."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from pricetrail.catalog.dialects.readings import NOT_UNDERSTOOD, ModelReader
from pricetrail.catalog.documents import model_id
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.times import TimeError, from_epoch, moment

_LISTS = ("data", "models")
_TOTALS = ("total", "total_count")
_NAMES = ("display_name", "name")
_CREATED = ("created_at", "created")
_LENGTHS = ("context_length", "context_window", "max_context_length", "max_model_len")
# When a model ends, before when it is only advised against.
_SUNSETS = (
    "sunset_at",
    "sunset_date",
    "shutdown_date",
    "shutdown_at",
    "expiration_date",
    "expires_at",
    "retirement_date",
    "retired_at",
    "end_of_life",
    "discontinued_at",
    "deprecation_date",
    "deprecated_at",
)


def models_of(native: object, dialect: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The id and the entry of every model of a native list: an array, or an object with one.

    Raises:
        CatalogError: it is no list, a page of a longer one, or has an entry that is no model.
    """
    listed = native
    if isinstance(native, Mapping):
        name = next((name for name in _LISTS if name in native), None)
        if name is None:
            raise CatalogError(f"no list as {dialect} writes it: `data` is missing")
        listed = native[name]
    if not isinstance(listed, list):
        kind = type(listed).__name__
        raise CatalogError(f"no list as {dialect} writes it: its models are of type {kind}")
    why = _why_not_all(native, len(listed)) if isinstance(native, Mapping) else None
    if why:
        # The models of the other pages would look removed.
        raise CatalogError(f"truncated: {why}; ask for all of them in the source's `url`")
    for entry in listed:
        yield model_id(entry), entry


def _why_not_all(native: Mapping[str, object], length: int) -> str | None:
    """What says that so many models are but a page of a longer list."""
    for name in _TOTALS:
        total = native.get(name)
        if isinstance(total, int) and not isinstance(total, bool) and total > length:
            return f"`{name}` is {total}, the list has {length} models"
    links = native.get("links")
    more = native.get("has_more") is True or (isinstance(links, Mapping) and links.get("next"))
    return "there is a next page" if more else None


def described(reader: ModelReader, entry: Mapping[str, object], at: str = "") -> dict[str, object]:
    """The members of the unified schema that are no price, as far as an entry has them.

    Args:
        at: the JSON Pointer of the entry, where it is a member of the native one.
    """
    return {
        "display_name": _text(entry),
        "created_at": _time(reader, entry, _CREATED, at),
        "context_length": _length(entry),
        "sunset_at": _time(reader, entry, _SUNSETS, at),
    }


def _text(entry: Mapping[str, object]) -> str | None:
    values = (entry.get(name) for name in _NAMES)
    return next((value for value in values if isinstance(value, str) and value), None)


def _length(entry: Mapping[str, object]) -> int | None:
    """A number of tokens; 0 is none that is known."""
    lengths = (whole_number(entry.get(name)) for name in _LENGTHS)
    return next((length for length in lengths if length), None)


def whole_number(value: object) -> int | None:
    """A whole number of 18 digits at most, however JSON writes it; None where it is none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        return None
    number = Decimal(value)
    return int(number) if abs(number) < 10**18 and number == int(number) else None


def _time(
    reader: ModelReader, entry: Mapping[str, object], names: tuple[str, ...], at: str
) -> str | None:
    """The first of some members that is a time: as served, and RFC 3339 of seconds since 1970.

    0, "" and null say that it is not known.
    """
    for name in names:
        value = entry.get(name)
        if not value or isinstance(value, bool):
            continue
        try:
            if isinstance(value, str) and not value.isdigit():
                moment(value)
                return value
            if isinstance(value, str | int | Decimal):
                return from_epoch(value).text
        except TimeError:
            pass
        reader.remark(NOT_UNDERSTOOD, f"{at}/{name}", f"{str(value)[:80]!r} is no time")
    return None
