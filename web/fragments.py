"""Pieces of pages that were made lately: what an event says never changes, however often it is."""

from collections.abc import Callable, Hashable
from typing import Protocol

from markupsafe import Markup

from pricetrail.storage.remembered import Remembered

# In characters, of all pieces that are kept.
_MOST = 8_000_000


class Keyed(Protocol):
    """What a piece shows; two with one key are shown alike."""

    @property
    def key(self) -> Hashable:
        """What names it."""


class Macro(Protocol):
    """A macro of a template."""

    name: str

    def __call__(self, item: object, *more: object) -> Markup:
        """Make the piece."""


def keeping(around: Hashable) -> Callable[..., Markup]:
    """What templates call to show an item; `around` is all else that its pieces depend on."""

    def kept(macro: Macro, item: Keyed, *more: Hashable) -> Markup:
        key = (macro.name, around, item.key, more)
        return _KNOWN.get(key, lambda: macro(item, *more))

    return kept


_KNOWN: Remembered[Hashable, Markup] = Remembered(_MOST, size=len)
