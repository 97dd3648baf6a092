"""What was worked out lately: bounded, for all threads of this process."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import Engine

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
            self._keep(key, value)
        return value

    def get_many(
        self, keys: Iterable[_Key], make: Callable[[list[_Key]], Mapping[_Key, _Value]]
    ) -> dict[_Key, _Value]:
        """The values of keys, in their order; `make` works out those that are not known, at once.

        What `make` leaves out is left out here.
        """
        wanted = list(keys)
        with self._lock:
            found = {key: self._values[key] for key in wanted if key in self._values}
            for key in found:
                self._values.move_to_end(key)
        if len(found) == len(wanted):
            return found
        missing = [key for key in wanted if key not in found]
        made = make(missing)
        with self._lock:
            for key, value in made.items():
                self._keep(key, value)
        found.update(made)
        return {key: found[key] for key in wanted if key in found}

    def find(self, key: _Key) -> _Value | None:
        """The value of a key, as far as it is known."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: _Key, value: _Value) -> None:
        """Know this of a key, whatever was known of it."""
        with self._lock:
            if key in self._values:
                self._total -= self._size(self._values.pop(key))
            self._keep(key, value)

    def _keep(self, key: _Key, value: _Value) -> None:
        if key not in self._values:
            self._values[key] = value
            self._total += self._size(value)
        while self._total > self._most and len(self._values) > 1:
            self._total -= self._size(self._values.popitem(last=False)[1])

    def forget(self) -> None:
        """Know nothing, as at the beginning."""
        with self._lock:
            self._values.clear()
            self._total = 0


class Apart(Generic[_Key, _Value]):
    """Values that are known of a database, for as long as its engine lives.

    Args:
        most, size: of each database, as for `Remembered`.
    """

    def __init__(self, most: int, size: Callable[[_Value], int] = lambda _: 1) -> None:
        self._most, self._size = most, size
        self._all: WeakKeyDictionary[Engine, Remembered[_Key, _Value]] = WeakKeyDictionary()

    def of(self, engine: Engine) -> Remembered[_Key, _Value]:
        """What is known of one."""
        known = self._all.get(engine)
        if known is None:
            known = self._all.setdefault(engine, Remembered(self._most, self._size))
        return known


def forget_all() -> None:
    """Let this process know as little as one that has begun just now."""
    for one in tuple(_ALL):
        one.forget()


_ALL: WeakSet[Remembered[Any, Any]] = WeakSet()
