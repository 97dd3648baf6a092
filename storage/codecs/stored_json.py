"""JSON as our columns hold it, read back in the shape that it was written in."""

from typing import Any

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


def decode_list(text: Any) -> list[Any]:
    """A stored list.

    Raises:
        TamperedError: it is none.
    """
    found = _read(text)
    if not isinstance(found, list):
        raise _unreadable(text)
    return found


def _read(text: Any) -> Any:
    try:
        return loads(text) if isinstance(text, str) else None
    except CatalogError:
        raise _unreadable(text) from None


def _unreadable(text: Any) -> TamperedError:
    return TamperedError(f"a stored JSON text is none: {str(text)[:40]!r}")
