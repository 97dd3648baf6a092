"""An audit by Spark is the streaming one, to the last digit."""

import csv
import gzip
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pytest
from pyarrow import parquet

from pricetrail.audit.audits import AuditRequest, audit
from pricetrail.audit.engines.audits import EngineAudit
from pricetrail.audit.engines.spark import Spark
from pricetrail.audit.engines.spark_files import SparkEngine
from pricetrail.audit.groups import Groups, parse_ways
from pricetrail.audit.pricer import Pricer
from pricetrail.audit.report import AuditReport
from pricetrail.audit.spans import Span
from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.audit.usage.options import ReadingOptions
from pricetrail.catalog.times import utc
from pricetrail.storage.database import Database
from tests.spark.usages import Cells, record, rows

_NUMBER = 600
_WAYS = "team,day,model"


@pytest.fixture(scope="module")
def pricer(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pricer]:
    path = tmp_path_factory.mktemp("history") / "history.db"
    path.write_bytes(_sqlite_template.read_bytes())
    with closing(Database(f"sqlite:///{path}")) as database:
        record(database)
        yield Pricer.of(database, "pipellm")


def write_csv(path: Path, lines: Sequence[Cells], separator: str, quoting: Literal[0, 1]) -> None:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]), delimiter=separator, quoting=quoting)
        writer.writeheader()
        for number, line in enumerate(lines):
            if number % 50 == 7:
                file.write("\r\n")
            writer.writerow(line)


def both(
    pricer: Pricer, spark: Spark, path: Path, options: ReadingOptions, span: Span
) -> tuple[AuditReport, EngineAudit, AuditReport]:
    """The streaming audit of a file, and the one by Spark."""
    request = AuditRequest.read(path, options, span=span, group_by=_WAYS)
    streamed = audit(pricer, request)
    engine = EngineAudit(pricer, Span(span.since, span.until), Groups(parse_ways(_WAYS)))
    spark_engine = SparkEngine(spark, [path], options, bounded=span.since is not None)
    return streamed, engine, engine.run(spark_engine)


def write_lines(path: Path, lines: Sequence[Cells]) -> None:
    """JSON lines: numbers as numbers, some lines with other members, twice the same, or broken."""
    with path.open("w", encoding="utf-8") as file:
        for number, line in enumerate(lines):
            members = {name: _member(cell) for name, cell in line.items()}
            text = json.dumps(members, ensure_ascii=number % 2 == 0)
            odd = {3: text[:-1], 5: text[:-1] + ', "model": "x"}', 7: text + "{}", 9: ""}
            file.write(odd.get(number % 60, text) + "\n")


def _member(cell: str) -> str | int | None:
    return int(cell) if cell.isdecimal() and len(cell) < 6 else cell or None


def write_parquet(path: Path, lines: Sequence[Cells]) -> None:
    """Columns with types of their own."""
    table = pa.table({name: [line[name] or None for line in lines] for name in lines[0]})
    whole = [one.isdecimal() and len(one) < 16 for one in map(itemgetter("prompt"), lines)]
    numbers = [int(one["prompt"]) if fits else None for one, fits in zip(lines, whole, strict=True)]
    start = datetime(2026, 3, 1, tzinfo=UTC)
    times = [start + timedelta(minutes=7 * number, microseconds=1) for number in range(len(lines))]
    floats = [None if number is None else float(number % 1000) for number in numbers]
    typed = {
        "time": pa.array(times, pa.timestamp("us", "Europe/Berlin")),
        "prompt": pa.array(numbers, pa.int64()),
        "cache_read": pa.array(floats, pa.float64()),
    }
    for name, column in typed.items():
        table = table.set_column(table.column_names.index(name), name, column)
    parquet.write_table(table, path, row_group_size=100)


def alike(
    pricer: Pricer, spark: Spark, path: Path, options: ReadingOptions, since: str | None = None
) -> None:
    """Fail unless an audit by Spark is the streaming one, most of whose rows Spark added up."""
    streamed, engine, found = both(
        pricer, spark, path, options, Span(None if since is None else utc(since))
    )
    assert found.as_json() == streamed.as_json()
    assert found.unpriced == streamed.unpriced
    assert found.uncertain == streamed.uncertain
    assert found.repeated == streamed.repeated
    assert found.left_out == streamed.left_out
    assert 0 < engine.streamed < streamed.rows * 0.8


@pytest.mark.parametrize(
    ("seed", "name", "separator", "quoting", "style", "since"),
    [
        (1, "disjoint.csv", ",", csv.QUOTE_MINIMAL, "disjoint", None),
        (2, "openai.csv.gz", ";", csv.QUOTE_ALL, "openai", "2026-03-01T09:00:00Z"),
    ],
)
def test_of_csv_it_is_the_streaming_audit(
    pricer: Pricer,
    spark: Spark,
    seed: int,
    name: str,
    separator: str,
    quoting: Literal[0, 1],
    style: str,
    since: str | None,
) -> None:
    write_csv(Path(name), rows(seed, _NUMBER), separator, quoting)
    alike(pricer, spark, Path(name), ReadingOptions(style=style), since)


def test_of_json_lines_it_is_the_streaming_audit(pricer: Pricer, spark: Spark) -> None:
    write_lines(Path("usage.jsonl"), rows(3, _NUMBER))
    alike(pricer, spark, Path("usage.jsonl"), ReadingOptions(style="openai"))


def test_of_parquet_it_is_the_streaming_audit(pricer: Pricer, spark: Spark) -> None:
    write_parquet(Path("usage.parquet"), rows(4, _NUMBER))
    alike(pricer, spark, Path("usage.parquet"), ReadingOptions())


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.csv", 'time,model,prompt\n2026-03-01,"a\nb",5\n', "a cell of several lines, in line 2"),
        ("b.csv", "time,model,prompt,cost\n2026-03-01,a,5,1\n", "has costs of its own"),
        ("[c].csv", "time,model,prompt\n2026-03-01,a,5\n", "rename it"),
        ("d.csv.xz", "", "is not named as a table"),
    ],
)
def test_what_spark_would_read_in_another_way_is_refused(
    pricer: Pricer, spark: Spark, name: str, text: str, why: str
) -> None:
    Path(name).write_text(text, encoding="utf-8")
    engine = EngineAudit(pricer, Span(), Groups(()))
    with pytest.raises(UsageFileError, match=why):
        engine.run(SparkEngine(spark, [Path(name)], ReadingOptions()))


def test_sums_beyond_38_digits_are_an_error_that_says_what_to_do(spark: Spark) -> None:
    query = f"SELECT SUM(CAST(x AS DECIMAL(38, 0))) FROM VALUES ('{'9' * 38}'), ('1') AS t(x)"
    with pytest.raises(UsageFileError, match="38: leave --engine out"):
        list(spark.rows(Path("usage.csv"), query))
