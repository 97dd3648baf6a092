"""Each statement is put into SQL once for all the databases of the tests, not once for each.

In the product a process has one database and keeps what it has compiled; a test has one of its
own, and would spend a third of its time on compiling the same statements again.
"""

from collections import UserDict
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, Engine

# Far more than there are; tests that make up statements must not fill the memory.
_MOST = 5000
_SETTING = (str, int, tuple, type(None))


class Statements(UserDict[Any, Any]):
    """Compiled statements; dialects that agree in every setting share them."""

    def __init__(self) -> None:
        self._kinds: WeakKeyDictionary[Dialect, tuple[int, object]] = WeakKeyDictionary()
        super().__init__()

    def get(self, key: Any, default: Any = None) -> Any:
        """What was compiled for a dialect like the one in front of the key."""
        return self.data.get(self._shared(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        if len(self.data) >= _MOST:
            self.data.clear()
        self.data[self._shared(key)] = compiled

    def _shared(self, key: Any) -> tuple[Any, ...]:
        dialect, *rest = key
        settings, kind = self._kinds.get(dialect, (0, None))
        # The first connection tells it more: what the server can do.
        if settings != len(vars(dialect)):
            kind = kind_of(dialect)
            self._kinds[dialect] = len(vars(dialect)), kind
        return (kind, *rest)


def kind_of(dialect: Dialect) -> object:
    """All that tells one dialect from another: its class and its settings."""
    settings = vars(dialect).items()
    told = sorted((name, repr(value)) for name, value in settings if isinstance(value, _SETTING))
    return (type(dialect), *told)


def share() -> None:
    """Have every engine that is made from here on use the same compiled statements."""
    statements, init = Statements(), Engine.__init__

    def sharing(engine: Engine, *given: Any, **named: Any) -> None:
        init(engine, *given, **named)
        engine.update_execution_options(compiled_cache=statements)

    Engine.__init__ = sharing  # type: ignore[assignment, method-assign]  # only in tests
