"""An audit of usage, against asking the price of each row; and whether its memory stays flat."""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from csv import DictReader
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from pyarrow import csv, parquet

from benchmarks.catalogs import body, catalog, repriced
from benchmarks.shared import observations
from benchmarks.tables import Row, at_least, at_most
from pricetrail.audit.audits import AuditRequest, audit
from pricetrail.audit.engines.bills import EngineBill
from pricetrail.audit.pricer import Pricer
from pricetrail.audit.results import PricedRow, RowResult
from pricetrail.audit.spans import Span
from pricetrail.audit.totals import Totals
from pricetrail.audit.usage.files import UsageTable
from pricetrail.audit.usage.options import DEFAULTS
from pricetrail.audit.usage.rows import UsageRow
from pricetrail.jobs.imports.importing import run as import_history
from pricetrail.jobs.imports.observations import Item, Observation
from pricetrail.queries import price
from pricetrail.storage.database import Database
from pricetrail.storage.schema import ensure
from pricetrail.storage.sources import choose

_START = datetime(2026, 1, 1, tzinfo=UTC)
_ROOT = Path(__file__).resolve().parents[1]
_MODELS, _VERSIONS = 100, 200
_ASKED = 2_000


def rows(number: int = 1_000_000) -> list[Row]:
    """Rows per second, the ratio to asking row by row, and the memory of ten times the rows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'bench.db'}"
        database = Database(url)
        ensure(database)
        import_history(database, "bench", _history(), every=timedelta(hours=6))
        small = _usage(folder / "small.csv", number // 10)
        large = _usage(folder / "large.csv", number)
        ours = _audit(database, large, number)
        theirs = _ask(database, small)
        database.close()
        peaks = [_peak(url, path) for path in (small, large)]
    return [
        Row(f"audit of {number:,} rows", ours, "rows a second"),
        Row("audit, a row", ours / theirs, "x faster than asking its price", at_least(10)),
        Row(
            "audit's memory, ten times the rows", peaks[1] / peaks[0], "x the memory", at_most(1.05)
        ),
        Row(f"audit's memory at {number:,} rows", peaks[1] / 1024, "MiB at the peak"),
    ]


def _history() -> Iterator[Item]:
    found = catalog(_MODELS)
    for version in range(_VERSIONS):
        observed_at = _START + timedelta(days=version)
        yield Observation(observed_at, body(found), f"version {version}")
        found = repriced(found, 0.1, seed=version)


def _usage(path: Path, number: int) -> Path:
    """Usage over all of the history, of models that have a price for what is used."""
    chance = random.Random(7)
    names = [model["id"] for model in catalog(_MODELS)["data"][::3]]
    span = (_VERSIONS - 1) * 86_400
    with path.open("w", encoding="utf-8") as stream:
        stream.write("time,model,prompt_tokens,completion_tokens,cache_read_tokens\n")
        for _ in range(number):
            at = _START + timedelta(seconds=chance.randrange(span))
            used = (chance.randrange(1, 250_000), chance.randrange(1, 9_000), chance.randrange(900))
            cells = (f"{at:%Y-%m-%dT%H:%M:%SZ}", chance.choice(names), *map(str, used))
            stream.write(",".join(cells) + "\n")
    return path


def _audit(database: Database, usage: Path, number: int) -> float:
    """Rows a second of everything that the command does with a row."""
    totals = Totals()
    with database.read() as connection:
        state = choose(connection, "bench")
    start = time.perf_counter()
    pricer = Pricer(database, state)
    for row in UsageTable(usage).read():
        totals.add(pricer.price(row))
    took = time.perf_counter() - start
    if totals.rows != number or totals.unpriced.number:
        raise AssertionError(f"{totals.unpriced.number} of {totals.rows} rows were not priced")
    return number / took


def _ask(database: Database, usage: Path) -> float:
    """Rows a second of asking the price of each; it must say what the audit says."""
    some = [row for row in UsageTable(usage).read() if isinstance(row, UsageRow)][:_ASKED]
    with database.read() as connection:
        state = choose(connection, "bench")
        start = time.perf_counter()
        answers = [price.ask(connection, state.name, row.model, row.at) for row in some]
        took = time.perf_counter() - start
        pricer = Pricer(database, state)
        for row, answer in zip(some, answers, strict=True):
            amounts = {one.path: one.amount for one in answer.before.prices}
            _agree(pricer.price(row), amounts)
    return len(some) / took


def _agree(found: RowResult, amounts: dict[str, Decimal | None]) -> None:
    parts = found.bill.parts if isinstance(found, PricedRow) else ()
    if not parts or any(amounts[part.path] != part.amount for part in parts):
        raise AssertionError(f"the audit and the price differ: {found}")


# The peak of the process itself: what `getrusage` says of a child begins with its parent's.
_MEASURED = """
from pathlib import Path
from pricetrail.cli import main
main(standalone_mode=False)
status = Path("/proc/self/status").read_text()
print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")))
"""


def _peak(url: str, usage: Path) -> float:
    """The peak memory, in KiB, of the command in a process of its own (Linux)."""
    environment = os.environ | {"PYTHONPATH": str(_ROOT), "PRICETRAIL_DATABASE_URL": url}
    command = [sys.executable, "-c", _MEASURED, "audit", str(usage), "--json"]
    command += ["--out", str(usage.with_suffix(".jsonl"))]
    done = subprocess.run(
        command, capture_output=True, check=True, env=environment, cwd=usage.parent, text=True
    )
    document, peak = done.stdout.splitlines()
    if not json.loads(document)["rows"]:
        raise AssertionError("the audit found no rows")
    return float(peak)


def engines(data: Path, number: int = 1_000_000, limit: int | None = None) -> list[Row]:
    """Rows a second by DuckDB, and the ratio to the streaming audit of a tenth of the rows.

    Args:
        data: where the real history is; `limit`: so many of its observations.
    """
    found = []
    history = observations(data, limit)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = Database(f"sqlite:///{folder / 'bench.db'}")
        ensure(database)
        import_history(database, "bench", iter(history), every=timedelta(hours=1))
        for kind, goal in (("parquet", at_least(20)), ("csv", at_least(8)), ("jsonl", None)):
            large = _table(_used(folder / "large.csv", number, history), kind)
            by_duckdb, total = _by_duckdb(database, large, number)
            small = _table(_used(folder / "small.csv", number // 10, history), kind)
            streaming = _audit(database, small, number // 10)
            found += [
                Row(f"audit of {number:,} rows of {kind} by DuckDB", by_duckdb, "rows a second"),
                Row(
                    f"audit of {kind} by DuckDB, a row",
                    by_duckdb / streaming,
                    "x faster than streaming",
                    goal,
                ),
            ]
            if _by_duckdb(database, small, number // 10)[1] != _total(database, small):
                raise AssertionError(f"the totals of {kind} differ: {total}")
        database.close()
    return found


def _used(path: Path, number: int, history: Sequence[Observation]) -> Path:
    """Usage over all of a history, of the models that were always listed and priced."""
    chance = random.Random(7)
    names = sorted(set.intersection(*(_priced(one) for one in history)))
    start = history[0].observed_at
    seconds = int((history[-1].observed_at - start).total_seconds())
    with path.open("w", encoding="utf-8") as stream:
        stream.write("time,model,prompt_tokens,completion_tokens\n")
        for _ in range(number):
            at = start + timedelta(seconds=chance.randrange(1, seconds))
            used = (chance.randrange(1, 250_000), chance.randrange(1, 9_000))
            cells = (f"{at:%Y-%m-%dT%H:%M:%SZ}", chance.choice(names), *map(str, used))
            stream.write(",".join(cells) + "\n")
    return path


def _priced(observed: Observation) -> set[str]:
    """The models of which what is read and what is written has a price."""
    models = json.loads(observed.body)["data"]
    wanted = {"prompt", "completion"}
    return {model["id"] for model in models if wanted <= model["pricing"].get("text", {}).keys()}


def _table(path: Path, kind: str) -> Path:
    """The same table as CSV, Parquet or JSON lines."""
    if kind == "csv":
        return path
    made = path.with_suffix(f".{kind}")
    if kind == "parquet":
        parquet.write_table(csv.read_csv(path), made)
        return made
    with path.open(newline="") as rows, made.open("w") as lines:
        lines.writelines(f"{json.dumps(row)}\n" for row in DictReader(rows))
    return made


def _by_duckdb(database: Database, usage: Path, number: int) -> tuple[float, Decimal]:
    """Rows a second of the whole command but its start, and the total."""
    with database.read() as connection:
        state = choose(connection, "bench")
    start = time.perf_counter()
    report = EngineBill("duckdb", [usage], DEFAULTS, Span()).audit(Pricer(database, state))
    took = time.perf_counter() - start
    if report.rows != number or report.unpriced.number:
        raise AssertionError(f"{report.unpriced.number} of {report.rows} rows were not priced")
    return number / took, report.total


def _total(database: Database, usage: Path) -> Decimal:
    with database.read() as connection:
        state = choose(connection, "bench")
    return audit(Pricer(database, state), AuditRequest.read(usage)).total
