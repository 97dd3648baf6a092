"""Which pricing paths and kinds documents use: what was never seen before is news."""

import re
from collections.abc import Iterable

from pricetrail.catalog.documents import KIND, PRICING, Document, leaves
from pricetrail.catalog.pointers import join, split

_DIGIT = re.compile(r"\d")


def schema_of(documents: Iterable[Document]) -> frozenset[str]:
    """The pricing paths and kinds in use: `/pricing/text/prompt`, `kind:token`.

    Places in an array are one path (`/pricing/bands/*/rate`): a longer list is no new schema.
    """
    items = set()
    for document in documents:
        for path, leaf in leaves({"pricing": document.get("pricing")}).items():
            if path == KIND:
                items.add(f"kind:{leaf}")
            elif path != PRICING:
                items.add(_without_indices(path))
    return frozenset(items)


def _without_indices(path: str) -> str:
    if _DIGIT.search(path) is None:
        return path
    pointer = ""
    for token in split(path):
        pointer = join(pointer, "*" if token.isdecimal() else token)
    return pointer
