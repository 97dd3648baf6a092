"""The changes of an event as they are stored: what path and amounts imply is left out.

`{"text/prompt": ["0.000003", "0.0000025"], "/display_name": ["A", "B"]}`: a price's path stands
without its `/pricing/`; a third member holds what else an entry says.
"""

from collections.abc import Iterable
from decimal import Decimal

from pricetrail.catalog.changes import ABSENT, Change
from pricetrail.catalog.documents import PRICING, is_price_path
from pricetrail.catalog.strict_json import dumps
from pricetrail.storage.codecs.stored_json import decode_object

_PREFIX = PRICING + "/"
_IMPLIED = ("path", "old", "new", "unit", "percent", "flagged")


def only_amounts(changes: Iterable[Change]) -> bool:
    """Whether amounts came, went or moved and no more: documents and rows of prices say as much."""
    return all(
        is_price_path(change.path)
        and all(isinstance(leaf, Decimal) or leaf is ABSENT for leaf in (change.old, change.new))
        for change in changes
    )


def encode(changes: Iterable[Change]) -> str:
    """The entries of `changes` as compact JSON."""
    return dumps({_short(change.path): _sides(change) for change in changes})


def decode(stored: str) -> list[Change]:
    """The changes again, in their order."""
    return [
        Change.from_json({"path": _path(name), "old": old, "new": new, **(rest[0] if rest else {})})
        for name, (old, new, *rest) in decode_object(stored).items()
    ]


def _short(path: str) -> str:
    short = path.removeprefix(_PREFIX)
    # A key that itself begins with a slash, or is empty, keeps its whole path.
    return path if not short or short.startswith("/") else short


def _path(short: str) -> str:
    return short if short.startswith("/") else _PREFIX + short


def _sides(change: Change) -> list[object]:
    entry = change.as_json()
    rest = {key: value for key, value in entry.items() if key not in _IMPLIED}
    return [entry["old"], entry["new"], *([rest] if rest else [])]
