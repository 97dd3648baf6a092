"""What the database keeps of a source: the table `[sources.NAME]` as JSON, read like a file's."""

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from pricetrail.jobs.log_lines import log_fault
from pricetrail.jobs.source import Source
from pricetrail.settings.files import Raw
from pricetrail.settings.keys import SOURCES
from pricetrail.settings.problems import Problem
from pricetrail.settings.sources import source_of
from pricetrail.settings.where import Where

# So many are held as they were read last: those of a small fleet all, of a large one the latest.
_MOST = 2_000


class NotATableError(ValueError):
    """What is kept is no JSON object: it was edited."""


def table_of(text: str) -> dict[str, object]:
    """The keys and values of kept settings; numbers with a point become `Decimal`.

    Raises:
        NotATableError: they are no JSON object.
    """
    try:
        table = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        table = None
    if not isinstance(table, dict):
        raise NotATableError
    return table


def read_source(
    name: str, text: str, raw: Raw, environ: Mapping[str, str], *, secrets: bool = True
) -> tuple[Source | None, list[Problem]]:
    """A source as its kept settings say, and all that is wrong with it: None where anything is.

    Args:
        raw: the configuration, from whose folder the paths of `file:PATH` are taken.
        secrets: whether the key and the addresses are needed.
    """
    where = Where.in_database(raw, SOURCES, name)
    try:
        table = table_of(text)
    except NotATableError:
        words = f"cannot be read: `pricetrail sources remove {name} --keep-history`, then add it"
        return None, [where.problem("", words)]
    return source_of(where, table, environ, secrets=secrets)


class KeptSettings:
    """Reads what the database keeps, each once as long as it says the same.

    What is faulty is logged once.

    Args:
        folder: the configuration's, from which the paths of `file:PATH` are taken.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._raw = Raw("the database", {}, folder, from_file=True)
        self._environ = environ
        self._read: OrderedDict[str, tuple[str, Source | None]] = OrderedDict()
        self._lock = threading.Lock()

    def source(self, name: str, settings: str) -> Source | None:
        """A source as its settings say; None where they are faulty, which was logged then."""
        with self._lock:
            known = self._read.get(name)
            if known is not None and known[0] == settings:
                self._read.move_to_end(name)
                return known[1]
        source, problems = read_source(name, settings, self._raw, self._environ)
        for problem in problems:
            log_fault(str(problem), problem.section, problem.name)
        with self._lock:
            self._read[name] = (settings, source)
            self._read.move_to_end(name)
            while len(self._read) > _MOST:
                self._read.popitem(last=False)
        return source
