"""JSON as our columns hold it, read back in the shape that it was written in."""

from typing import Any, TypeGuard

from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import loads
from pricetrail.storage.errors import TamperedError


def decode_object(text: Any) -> dict[str, Any]:
    """A stored object.

    Raises:
        TamperedError: it is none.
    """
    found = _read(text)
    if not isinstance(found, dict):
        raise _unreadable(text)
    return found


def decode_counts(text: Any) -> dict[str, int]:
    """A stored object of numbers by name.

    Raises:
        TamperedError: it is none.
    """
    found: dict[str, int] = decode_object(text)
    if not all(type(number) is int for number in found.values()):
        raise _unreadable(text)
    return found


def decode_texts(text: Any) -> list[str]:
    """A stored list of texts.

    Raises:
        TamperedError: it is none.
    """
    found = _read(text)
    if not _is_texts(found):
        raise _unreadable(text)
    return found


def decode_text_lists(text: Any) -> list[list[str]]:
    """A stored list of lists of texts.

    Raises:
        TamperedError: it is none.
    """
    found = _read(text)
    if not (isinstance(found, list) and all(map(_is_texts, found))):
        raise _unreadable(text)
    return found


def _is_texts(found: object) -> TypeGuard[list[str]]:
    return isinstance(found, list) and all(isinstance(each, str) for each in found)


def _read(text: Any) -> Any:
    try:
        return loads(text) if isinstance(text, str) else None
    except CatalogError:
        raise _unreadable(text) from None


def _unreadable(text: Any) -> TamperedError:
    return TamperedError(f"a stored JSON text is none: {str(text)[:40]!r}")
