"""What the database keeps of a source: the table `[sources.NAME]` as JSON, read like a file's."""

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from pathlib import Path

from pricetrail.jobs.log_lines import log_fault, log_file_trouble, log_read_again
from pricetrail.jobs.source import Source
from pricetrail.settings.files import Raw
from pricetrail.settings.keys import SOURCES
from pricetrail.settings.problems import Problem
from pricetrail.settings.references import FILE
from pricetrail.settings.sources import source_of
from pricetrail.settings.where import Where

_DECODER = json.JSONDecoder(parse_float=Decimal)
# Of a larger fleet the latest are held. Each takes about 1.2 kB.
MOST = 10_000


class NotATableError(ValueError):
    """What is kept is no JSON object: it was edited."""


def table_of(text: str) -> dict[str, object]:
    """The keys and values of kept settings; numbers with a point become `Decimal`.

    Raises:
        NotATableError: they are no JSON object.
    """
    try:
        table = _DECODER.decode(text)
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


def read_sources(
    kept: Mapping[str, str], raw: Raw, environ: Mapping[str, str]
) -> tuple[dict[str, Source], list[Problem]]:
    """The sound ones of several, by name, and all that is wrong with the others."""
    found, problems = {}, []
    for name, text in kept.items():
        source, wrong = read_source(name, text, raw, environ)
        problems += wrong
        if source is not None:
            found[name] = source
    return found, problems


class KeptSettings:
    """Reads what the database keeps, each once as long as it says the same.

    What is faulty is logged once.

    Args:
        folder: the configuration's, from which the paths of `file:PATH` are taken.
        most: so many are held as they were read last.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str], *, most: int = MOST) -> None:
        self._raw = Raw("the database", {}, folder, from_file=True)
        self._environ = environ
        self._most = most
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
        self._remember(name, settings, source)
        return source

    def source_again(self, source: Source) -> Source:
        """A source as the files that it names say now; what cannot be used changes nothing."""
        with self._lock:
            known = self._read.get(source.name)
        if known is None or f'"{FILE}' not in known[0]:
            return source
        anew, problems = read_source(source.name, known[0], self._raw, self._environ)
        if anew is None:
            for problem in problems:
                log_file_trouble("source", source.name, str(problem))
            return source
        if anew != source:
            keys = [
                it.name for it in fields(anew) if getattr(anew, it.name) != getattr(source, it.name)
            ]
            log_read_again("source", source.name, keys)
            self._remember(source.name, known[0], anew)
        return anew

    def _remember(self, name: str, settings: str, source: Source | None) -> None:
        with self._lock:
            self._read[name] = (settings, source)
            self._read.move_to_end(name)
            while len(self._read) > self._most:
                self._read.popitem(last=False)
