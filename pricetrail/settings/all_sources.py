"""The sources of the configuration and those that the database keeps, as one mapping.

What the database keeps is read when it is asked for: there may be many thousands of them.
"""

from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import AbstractContextManager

from pricetrail.catalog.errors import PricetrailError
from pricetrail.jobs.source import Source
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.files import Raw
from pricetrail.settings.kept import read_source
from pricetrail.storage import kept_sources
from pricetrail.storage.database import Transaction

Read = Callable[[], AbstractContextManager[Transaction]]


class AllSources(Mapping[str, Source]):
    """Sources by name; what is in both is the configuration's.

    Args:
        own: those of the configuration.
        own_names: their names, also of faulty ones.
        raw: the configuration, from whose folder the paths of `file:PATH` are taken.
        read: a transaction of the database.
        strict: to ask for a faulty one raises `SettingsError`; else there is none.
    """

    def __init__(
        self,
        own: Mapping[str, Source],
        own_names: frozenset[str],
        raw: Raw,
        environ: Mapping[str, str],
        read: Read,
        *,
        strict: bool = False,
    ) -> None:
        self._own = own
        self._own_names = own_names
        self._raw = raw
        self._environ = environ
        self._read = read
        self._strict = strict

    def __getitem__(self, name: str) -> Source:
        if name in self._own_names:
            return self._own[name]
        try:
            with self._read() as transaction:
                settings = kept_sources.settings_of(transaction, name)
        except PricetrailError:
            settings = None  # without a database nothing is kept in it
        if settings is None:
            raise KeyError(name)
        source, problems = read_source(name, settings, self._raw, self._environ, secrets=False)
        if source is None and self._strict:
            raise SettingsError(*problems)
        if source is None:
            raise KeyError(name)
        return source

    def __iter__(self) -> Iterator[str]:
        yield from self._own
        with self._read() as transaction:
            kept = kept_sources.names(transaction)
        yield from (name for name in kept if name not in self._own_names)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def kept_beside(own: Container[str], read: Read) -> dict[str, str]:
    """What the database keeps of each source that is not the configuration's `own`.

    Nothing where it cannot be asked.
    """
    try:
        with read() as transaction:
            kept = kept_sources.settings(transaction)
    except PricetrailError:
        return {}
    return {name: text for name, text in kept.items() if name not in own}
