"""JSON lines for an engine: which members it reads, and lines that it leaves to the audit."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from pricetrail.audit.engines.errors import refused
from pricetrail.audit.engines.parquet_files import ParquetFile
from pricetrail.audit.engines.staging import Staging
from pricetrail.audit.usage import csv_text, files
from pricetrail.audit.usage.objects import Objects
from pricetrail.audit.usage.reading import Reading
from pricetrail.audit.usage.rows import BadRow, Row
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import loads
from pricetrail.files.compression import opened

# So many lines tell which members there are; a line with others is read by the streaming audit.
_SAMPLE = 1_000


class JsonLines:
    """A file of flat objects, one a line, whose members an engine reads as texts.

    It calls them `c0`, `c1` …, in the order of `members`.

    Raises:
        UsageFileError: it holds one document, or several, and no lines.
    """

    def __init__(self, path: Path, reading: Reading) -> None:
        self.path, self.reading = path, reading
        with opened(path) as stream:
            if files.kind_of(stream.read(files.HEAD), files.LINES) != files.LINES:
                raise refused(path, "is one JSON document, not a row a line")
        self._sample: dict[str, object] = {}
        with opened(path) as stream:
            for text in islice(csv_text.lines(path, stream, files.MAX_LINE), _SAMPLE):
                with suppress(CatalogError):
                    document = loads(text)
                    if isinstance(document, dict):
                        self._sample = {**document, **self._sample}

    @property
    def members(self) -> tuple[str, ...]:
        """The names of the members that some line of the first ones has."""
        return tuple(self._sample)

    def staging(self, labels: tuple[str, ...], *, bounded: bool) -> Staging:
        """How the engine reads a line's members.

        Raises:
            UsageFileError: the members mean nothing, or ask for more than an engine does.
        """
        nested = {
            n: "STRUCT" for n, value in self._sample.items() if isinstance(value, dict | list)
        }
        # What it holds is the same as text, and as a number.
        types = dict.fromkeys(self._sample, "VARCHAR") | nested
        file = ParquetFile(self.path, self.reading, types)
        return file.staging(labels, list(self._sample.values()), bounded=bounded)

    def rest(self, lines: Iterable[tuple[int, str]]) -> Iterator[Row]:
        """The rows that an engine leaves, each by its line's place, read by the streaming audit."""
        objects = Objects(self.reading)
        for place, text in lines:
            try:
                document = loads(text)
            except CatalogError as error:
                yield BadRow(place + 1, None, None, str(error))
                continue
            yield from objects.rows(place + 1, document)
