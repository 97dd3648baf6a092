"""The changes of an event as they are stored: what path and amounts imply is left out.

`{"text/prompt": ["0.000003", "0.0000025"], "/display_name": ["A", "B"]}`: a price's path stands
without its `/pricing/`; a third member holds what else an entry says.
"""

from collections.abc import Sequence
from typing import Any

from pricetrail.catalog.amounts import parse_amount
from pricetrail.catalog.diffs import completed
from pricetrail.catalog.documents import PRICING, is_price_path
from pricetrail.catalog.strict_json import dumps
from pricetrail.storage.codecs.stored_json import stored_object

_PREFIX = PRICING + "/"
_PLAIN = {"path", "unit", "old", "new", "percent"}
_DERIVED = ("path", "old", "new", "unit", "percent", "flagged")


def only_amounts(changes: Sequence[dict[str, Any]]) -> bool:
    """Whether amounts came, went or moved and no more: documents and rows of prices say as much."""
    return all(
        is_price_path(change["path"])
        and set(change) <= _PLAIN
        and all(_is_amount_or_none(change[side]) for side in ("old", "new"))
        for change in changes
    )


def _is_amount_or_none(value: Any) -> bool:
    return value is None or parse_amount(value) is not None


def pack_changes(changes: Sequence[dict[str, Any]]) -> str:
    """The entries of `changes` as compact JSON."""
    return dumps({_short(change["path"]): _sides(change) for change in changes})


def unpack_changes(stored: str) -> list[dict[str, Any]]:
    """The entries of `changes` again, in their order."""
    found = []
    for name, (old, new, *rest) in stored_object(stored).items():
        path = name if name.startswith("/") else _PREFIX + name
        found.append(completed({"path": path, "old": old, "new": new, **(rest[0] if rest else {})}))
    return found


def _short(path: str) -> str:
    short = path.removeprefix(_PREFIX)
    # A key that itself begins with a slash, or is empty, keeps its whole path.
    return path if not short or short.startswith("/") else short


def _sides(change: dict[str, Any]) -> list[Any]:
    rest = {key: value for key, value in change.items() if key not in _DERIVED}
    return [change["old"], change["new"], *([rest] if rest else [])]
