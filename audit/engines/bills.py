"""Which engine audits which files; an engine's libraries are imported where it is asked for."""

import glob
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pricetrail.audit.documents import RowSpools
from pricetrail.audit.engines.errors import EngineMissingError, refused
from pricetrail.audit.groups import Groups, parse_ways
from pricetrail.audit.pricer import Pricer
from pricetrail.audit.report import AuditReport
from pricetrail.audit.spans import Span
from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.audit.usage.options import ReadingOptions
from pricetrail.files.compression import Progress

if TYPE_CHECKING:
    from pricetrail.audit.engines.audits import Engine
    from pricetrail.audit.usage.reading import Reading

DUCKDB, SPARK = ENGINES = ("duckdb", "spark")


@dataclass
class EngineBill:
    """Files, or globs of them, that an engine is to audit as though they were one.

    `readings`: of each file, once it has been read.

    Raises:
        UsageFileError: there is no such file, or it is none on this machine.
    """

    engine: str
    usage: Sequence[Path]
    options: ReadingOptions
    span: Span
    group_by: str | None = None
    readings: "list[Reading]" = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ways = () if self.group_by is None else parse_ways(self.group_by)
        self.paths = [path for each in self.usage for path in found(each)]
        twice = [path for path, times in Counter(self.paths).items() if times > 1]
        if twice:
            raise UsageFileError(f"{twice[0]} is named twice: its rows would be counted twice")

    @property
    def size(self) -> int:
        """The files' size in bytes."""
        return sum(path.stat().st_size for path in self.paths)

    def audit(
        self, pricer: Pricer, spools: RowSpools | None = None, progress: Progress | None = None
    ) -> AuditReport:
        """Price every row, and sum up.

        Raises:
            UsageFileError: the engine is not installed, or does not read a file as it is.
        """
        with ExitStack() as stack:
            try:
                from pricetrail.audit.engines.audits import EngineAudit  # noqa: PLC0415 - sqlglot

                engine = self._spark(stack) if self.engine == SPARK else self._duckdb(stack)
            except ModuleNotFoundError:
                raise EngineMissingError(self.engine) from None
            audit = EngineAudit(pricer, self.span, Groups(self.ways), readings=self.readings)
            return audit.run(engine, spools, progress)

    def _duckdb(self, stack: ExitStack) -> "Engine":
        from pricetrail.audit.engines.duckdb import DuckDb  # noqa: PLC0415 - an extra
        from pricetrail.audit.engines.duckdb_files import DuckDbEngine  # noqa: PLC0415 - both

        database = stack.enter_context(DuckDb(self.paths))
        return DuckDbEngine(database, self.paths, self.options, self._bounded)

    def _spark(self, stack: ExitStack) -> "Engine":
        from pricetrail.audit.engines.spark_files import begin  # noqa: PLC0415 - an extra

        return begin(stack, self.paths, self.options, self._bounded)

    @property
    def _bounded(self) -> bool:
        return self.span.since is not None or self.span.until is not None


def found(path: Path) -> list[Path]:
    """The files that a name stands for: its own, else those that match it as a glob.

    Raises:
        UsageFileError: there is none, or it is none on this machine.
    """
    name = str(path)
    if ":/" in name:
        raise UsageFileError(f"{name} is no file on this machine: fetch it first")
    if path.is_file():
        return [path]
    matching = sorted(Path(each) for each in glob.glob(name, recursive=True))  # noqa: PTH207 - with its folder
    files = [each for each in matching if each.is_file()]
    if files:
        return files
    if path.exists():
        raise refused(path, "is no file, and is read once alone")
    raise UsageFileError(f"cannot read {name}: no such file")
