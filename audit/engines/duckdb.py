"""DuckDB in this process: it sees one folder of ours, with links to the files that were named."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import duckdb

from pricetrail.audit.engines.errors import refused
from pricetrail.audit.engines.plan import literal
from pricetrail.audit.usage.errors import UsageFileError

DIALECT = "duckdb"
_BATCH = 2_000
_MEMORY = "1GB"
_TOLD = 300


class DuckDb:
    """A database in memory, which spills into the folder; both go with it.

    It installs and loads nothing, and reads nothing but the files that it was given.

    Args:
        paths: the files, which `names` says how to call.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._stack = ExitStack()
        # A finished process leaves nothing: the folder is removed by `__exit__`.
        name = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="pricetrail-"))
        self._folder = Path(name).resolve()
        self._spill = self._folder / "spill"
        self._links = self._folder / "files"
        self._spill.mkdir()
        self._links.mkdir()
        self._connection = self._stack.enter_context(
            duckdb.connect(":memory:", config=self._config())
        )
        # A name that a person chose is never a part of a query, nor taken for a pattern.
        self.names = {path: self._link(number, path) for number, path in enumerate(paths)}
        for statement in (
            f"SET allowed_paths = [{', '.join(self.names.values())}]",
            # Standard output is the command's.
            "SET enable_progress_bar = false",
            "SET enable_external_access = false",
            "SET lock_configuration = true",
        ):
            self._connection.execute(statement)

    def _config(self) -> dict[str, str | bool | int | float | list[str]]:
        return {
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "allow_persistent_secrets": False,
            "secret_directory": str(self._spill),
            "extension_directory": str(self._spill),
            "temp_directory": str(self._spill),
            "memory_limit": _MEMORY,
            "threads": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1,
        }

    def __enter__(self) -> "DuckDb":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _link(self, number: int, path: Path) -> str:
        link = self._links / f"{number}{''.join(path.suffixes[-2:]).lower()}"
        link.symlink_to(path.resolve())
        return literal(str(link))

    def run(self, path: Path, query: str, values: Sequence[object] = ()) -> None:
        """Run a statement about a file.

        Raises:
            UsageFileError: DuckDB cannot, as of all methods.
        """
        try:
            self._connection.execute(query, values)
        except duckdb.Error as error:
            raise _told(path, error) from None

    def rows(self, path: Path, query: str) -> Iterator[tuple[object, ...]]:
        """The records of a query about a file, a few in memory at a time."""
        try:
            # A cursor of its own: others may run while this one is read.
            with self._connection.cursor() as cursor:
                cursor.execute(query)
                while batch := cursor.fetchmany(_BATCH):
                    yield from batch
        except duckdb.Error as error:
            raise _told(path, error) from None

    def load(
        self, path: Path, table: str, columns: Sequence[str], records: Iterable[Sequence[object]]
    ) -> None:
        """Make a table of texts (`written`, `tier`, `batch`) and whole numbers."""
        texts = ("written", "tier", "batch")
        kinds = ", ".join(f"{name} {'VARCHAR' if name in texts else 'BIGINT'}" for name in columns)
        self.run(path, f"CREATE OR REPLACE TABLE {table} ({kinds})")
        lists: list[list[object]] = [list(column) for column in zip(*records, strict=True)]
        if lists:
            marks = ", ".join(
                f"UNNEST(CAST(? AS {'VARCHAR' if name in texts else 'BIGINT'}[]))"
                for name in columns
            )
            self.run(path, f"INSERT INTO {table} SELECT {marks}", lists)


def _told(path: Path, error: Exception) -> UsageFileError:
    """DuckDB's words, without its advice, in ours."""
    text = str(error).partition("\nPossible")[0].replace("\n", " ")[:_TOLD].strip()
    if isinstance(error, duckdb.OutOfMemoryException):
        return UsageFileError(f"{path}: DuckDB ran out of its {_MEMORY} of memory: group by fewer")
    return refused(path, f"is not read by DuckDB ({text})")
