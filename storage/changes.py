"""The changes of an event as they are stored: what path and amounts imply is left out.

`{"text/prompt": ["0.000003", "0.0000025"], "/display_name": ["A", "B"]}`: a price's path stands
without its `/pricing/`; a third member holds what else an entry says.
"""

from collections.abc import Sequence
from typing import Any

from catalog.diffs import completed
from catalog.documents import PRICING
from catalog.strict_json import dumps, loads

_PREFIX = PRICING + "/"
_DERIVED = ("path", "old", "new", "unit", "percent", "flagged")


def pack_changes(changes: Sequence[dict[str, Any]]) -> str:
    """The entries of `changes` as compact JSON."""
    return dumps({_short(change["path"]): _sides(change) for change in changes})


def unpack_changes(stored: str) -> list[dict[str, Any]]:
    """The entries of `changes` again, in their order."""
    found = []
    for name, (old, new, *rest) in loads(stored).items():
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
