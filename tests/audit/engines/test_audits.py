"""An audit by DuckDB says what the streaming audit says, to the last digit, whatever rows hold."""

import csv
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from pricetrail.audit.audits import AuditRequest, audit
from pricetrail.audit.documents import RowSpools
from pricetrail.audit.engines.bills import EngineBill
from pricetrail.audit.pricer import Pricer
from pricetrail.audit.spans import Span
from pricetrail.audit.usage.options import ReadingOptions
from pricetrail.catalog.aliases import grouped
from pricetrail.storage.database import Database
from pricetrail.storage.schema import ensure
from pricetrail.storage.sources import choose
from tests.support.histories import at, build, catalog, model, tokens
from tests.support.volume import examples

pytestmark = pytest.mark.slow

_TIERS = {
    "over_200k": {"text": {"prompt": "0.00000200000000000000137"}},
    "batch": {"text": {"prompt": "0.0000005", "completion": "0.0000025"}},
    "utc_1130_1230": {"text": {"prompt": "0.0000007"}},
    "from_20260302": {"text": {"completion": "0.0000077"}},
}
_CACHE = {"read": "0.00000010000000000000002", "write": "0.0000012", "write_1h": "0.000002"}
_SECONDS = {"kind": "generation", "generation": {"audio": {"per_second": "0.00123"}}}
_START = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def pricer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pricer]:
    """Prices that change, a gap, a model that comes late, one under another name."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('equal') / 'history.db'}")
    ensure(database)
    plain = tokens("0.00000100000000000000003", "0.000005", cache=_CACHE)
    tiered = tokens("0.000001", "0.000005", cache=_CACHE, tiers=_TIERS)
    dear = tokens("0.0000017", "0.000005", cache=_CACHE, tiers={"over_200k": _TIERS["over_200k"]})
    first = catalog(model("a", plain), model("b", tiered), model("s", _SECONDS))
    second = catalog(model("a", dear), model("b", tiered), model("c", plain), model("s", _SECONDS))
    third = catalog(model("a", plain), model("B2", tiered), model("s", _SECONDS))
    polls = [first] * 3 + [second] * 3 + [None] + [second] * 8 + [first] * 3 + [third] * 40
    build(database, "pipellm", [(at("09:00") + timedelta(hours=n), p) for n, p in enumerate(polls)])
    with database.read() as connection:
        yield Pricer(database, choose(connection, "pipellm"), grouped({"b": ["B2", "bee"]}))
    database.close()


def _written(when: datetime, how: int) -> str:
    """A time in one of the ways in which people write times."""
    micros = (when - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    iso = when.isoformat().removesuffix("+00:00")
    east = when.astimezone(timezone(timedelta(hours=5, minutes=30)))
    ways = (
        *(f"{iso[:19]}Z", f"{iso}Z", f"{iso}+00:00", east.isoformat(), f"{iso.replace('T', ' ')}Z"),
        *(
            str(micros // 10**6),
            str(micros // 1000),
            str(micros),
            f"{micros}789",
            f"{micros / 1e6}",
        ),
        *(iso[:10], f"{iso[:16]}Z", f"{iso[:16]}", f"{iso}", f"{iso[:19]}.1234567Z", f" {iso}Z"),
        *(f"{iso[:10]}T00:00:00Z", f"{iso[:8]}31T25:00:00Z", "", "soon", f"{iso}-07:00"),
    )
    return ways[how % len(ways)]


_TIMES = st.builds(
    _written,
    st.integers(-60, 60 * 62).map(lambda n: _START + timedelta(minutes=n, microseconds=n * 7919)),
    st.sampled_from((*range(10), *range(30))),
)
_MODELS = st.sampled_from(
    ("a", "a", "b", "b", "c", "s", "bee", "B2", "v/a", "nope", " a", "", "Total")
)
_ODD = st.sampled_from(("12.0", "1,234", "-1", " 5", "1e3", "007", "x", "1.2E+06", "NaN", "٣"))
_COUNTS = st.one_of(
    st.just(""),
    st.integers(0, 3000).map(str),
    st.integers(190_000, 210_000).map(str),
    _ODD,
    st.sampled_from(("0", "999999999999999", "1000000000000000", "123456789012345678901")),
)
_FRACTIONS = st.one_of(st.sampled_from(("", "1.5", "0.000001", "0.0000001", "3", "1e2")), _ODD)
_CELLS: dict[str, st.SearchStrategy[str]] = {
    "prompt_tokens": _COUNTS,
    "completion_tokens": _COUNTS,
    "cache_read_tokens": _COUNTS,
    "cache_write_tokens": _COUNTS,
    "reasoning_tokens": _COUNTS,
    "prompt_cache_hit_tokens": _COUNTS,
    "seconds": _FRACTIONS,
    "total_tokens": st.one_of(st.just(""), st.just("sum"), st.just("whole"), _COUNTS),
    "requests": st.sampled_from(("", "1", "1", "30", "0", "x")),
    "request_id": st.sampled_from(("", "", "r1", "r2", "r3", "r4", "r5", "r6")),
    "service_tier": st.sampled_from(("", "", "default", "batch", "priority", "!!")),
    "batch": st.sampled_from(("", "", "true", "false", "maybe")),
    "context_window": st.sampled_from(("", "", "", "0-200k", "> 200k")),
    "audio": st.sampled_from(("", "", "", "true", "false")),
    "end_time": st.one_of(st.just(""), st.just(""), _TIMES),
    "team": st.sampled_from(("", "t1", "t2", " x ", "Zoë", "t\u00a0")),
    "api_key": st.sampled_from(("", "k1", "k,2", 'k"3')),
    "region": st.sampled_from(("", "eu", "grand total")),
}


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    """A header and rows: mostly plain ones, with some of everything."""
    picked = draw(st.sets(st.sampled_from(sorted(_CELLS)), max_size=8))
    if {"prompt_cache_hit_tokens", "cache_read_tokens"} <= picked:
        picked.remove("cache_read_tokens")
    names = ["time", "model", *sorted(picked | {"completion_tokens"})]
    kinds = [_TIMES, _MODELS, *(_CELLS[name] for name in names[2:])]
    rows = draw(st.lists(st.tuples(*kinds).map(list), min_size=1, max_size=40))
    return names, [_with_total(names, row) for row in rows]


def _with_total(names: list[str], row: list[str]) -> list[str]:
    """Totals that prove something."""
    cells = dict(zip(names, row, strict=True))
    counts = {n: int(v) for n, v in cells.items() if n.endswith("tokens") and v.isdecimal()}
    counts.pop("total_tokens", None)
    if cells.get("total_tokens") == "sum":
        cells["total_tokens"] = str(sum(counts.values()))
    if cells.get("total_tokens") == "whole":
        whole = ("prompt_tokens", "completion_tokens")
        cells["total_tokens"] = str(sum(counts.get(name, 0) for name in whole))
    return list(cells.values())


OPTIONS = st.builds(
    ReadingOptions.parse,
    style=st.sampled_from(("disjoint", "openai")),
    models=st.sampled_from(((), ("v/*=*",))),
    timezone=st.sampled_from((None, None, "UTC", "Europe/Berlin")),
)
WAYS = st.sampled_from((None, "team,day", "model,key", "day", "user,team"))
SPANS = st.sampled_from((Span(), Span(at("11:30"), at("2026-03-02T10:00:00.000001Z"))))
FEW = settings(
    max_examples=examples(15),
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def both(
    pricer: Pricer, path: Path, options: ReadingOptions, span: Span, ways: str | None
) -> tuple[Any, Any]:
    """What both audits say: documents with their arrays, reasons, and what was left out."""
    request = AuditRequest.read(path, options, span=replace(span), group_by=ways)
    bill = EngineBill("duckdb", [path], options, replace(span), ways)
    said = []
    for streaming in (True, False):
        with closing(RowSpools(lines=False)) as spools:
            report = audit(pricer, request, spools) if streaming else bill.audit(pricer, spools)
            document = json.loads("".join(spools.pieces(report.as_json())))
        reading = request.usage.reading if streaming else bill.readings[0]
        left = report.left_out, reading.totals, reading.empty, reading.name, reading.unread
        said.append((document, report.reasons, report.rows, left))
    return said[0], said[1]


@FEW
@given(table=tables(), options=OPTIONS, span=SPANS, ways=WAYS)
def test_csv_is_audited_alike(
    tmp_path: Path,
    pricer: Pricer,
    table: tuple[list[str], list[list[str]]],
    options: ReadingOptions,
    span: Span,
    ways: str | None,
) -> None:
    path = tmp_path / "it's [1]*.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([table[0], *table[1]])
    ours, theirs = both(pricer, path, options, span, ways)
    assert theirs == ours


_NUMBERS = st.one_of(st.none(), st.integers(0, 3000), st.integers(199_000, 201_000))


@st.composite
def typed(draw: st.DrawFn) -> pa.Table:
    """A table of columns with types of their own, as warehouses write them."""
    number = draw(st.integers(1, 30))

    def column(values: st.SearchStrategy[Any], kind: pa.DataType | None = None) -> pa.Array:
        return pa.array(draw(st.lists(values, min_size=number, max_size=number)), kind)

    instants = st.integers(-60, 60 * 62).map(
        lambda n: _START + timedelta(minutes=n, microseconds=n)
    )
    floats = st.one_of(_NUMBERS.map(lambda n: n and float(n)), st.just(float("nan")), st.just(1.5))
    times: list[tuple[st.SearchStrategy[Any], pa.DataType]] = [
        (st.one_of(instants, st.none()), pa.timestamp("us", "UTC")),
        (instants, pa.timestamp("ms", "Europe/Berlin")),
        (instants.map(lambda when: when.replace(tzinfo=None)), pa.timestamp("us")),
        (instants.map(datetime.date), pa.date32()),
        (instants.map(lambda when: int(when.timestamp())), pa.int64()),
        (instants.map(datetime.timestamp), pa.float64()),
        (_TIMES, pa.string()),
    ]
    counts: list[tuple[st.SearchStrategy[Any], pa.DataType]] = [
        (_NUMBERS, pa.int64()),
        (_NUMBERS, pa.uint32()),
        (floats, pa.float64()),
        (floats, pa.float32()),
        (_COUNTS, pa.string()),
    ]
    columns = {"time": column(*draw(st.sampled_from(times)))}
    columns["model"] = column(_MODELS, pa.string())
    names = ("completion_tokens", "prompt_tokens", "reasoning_tokens", "total_tokens")
    for name in draw(st.sets(st.sampled_from(names), min_size=1)) | {"completion_tokens"}:
        columns[name] = column(*draw(st.sampled_from(counts)))
    if draw(st.booleans()):
        columns["input_cached_tokens"] = column(*draw(st.sampled_from(counts)))
        columns["cached_tokens"] = column(
            *draw(st.sampled_from(((_NUMBERS, pa.int64()), (st.none(), pa.int64()))))
        )
    if draw(st.booleans()):
        columns["batch"] = column(st.one_of(st.none(), st.booleans()), pa.bool_())
        columns["team_id"] = column(st.integers(0, 3), pa.int64())
        columns["team"] = column(st.one_of(st.none(), _CELLS["team"]), pa.string())
    columns["metadata_tags"] = column(st.just(["x"]), pa.list_(pa.string()))
    return pa.table(columns)


@FEW
@given(table=typed(), options=OPTIONS, span=SPANS, ways=WAYS)
def test_parquet_is_audited_alike(
    tmp_path: Path,
    pricer: Pricer,
    table: pa.Table,
    options: ReadingOptions,
    span: Span,
    ways: str | None,
) -> None:
    path = tmp_path / "usage.parquet"
    parquet.write_table(table, path)
    ours, theirs = both(pricer, path, options, span, ways)
    assert theirs == ours
