"""What was worked out lately and never changes: bounded, for all threads of this process."""

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


class Remembered(Generic[_Key, _Value]):
    """Values by key; beyond `most` in total size, those asked for longest ago are forgotten.

    Args:
        size: how much a value counts for; each counts 1 without it. The newest is always kept.
    """

    def __init__(self, most: int, size: Callable[[_Value], int] = lambda _: 1) -> None:
        self._most, self._size = most, size
        self._values: OrderedDict[_Key, _Value] = OrderedDict()
        self._total = 0
        self._lock = threading.Lock()
        _ALL.add(self)

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: _Key, make: Callable[[], _Value]) -> _Value:
        """The value of a key; `make` works it out where it is not known.

        Two threads may work it out at once: none waits for the other.
        """
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            if key not in self._values:
                self._values[key] = value
                self._total += self._size(value)
            while self._total > self._most and len(self._values) > 1:
                self._total -= self._size(self._values.popitem(last=False)[1])
        return value

    def forget(self) -> None:
        """Know nothing, as at the beginning."""
        with self._lock:
            self._values.clear()
            self._total = 0


def forget_all() -> None:
    """Let this process know as little as one that has begun just now."""
    for one in list(_ALL):
        one.forget()


_ALL: "weakref.WeakSet[Remembered[Any, Any]]" = weakref.WeakSet()
