"""Files of usage: CSV, JSON lines, Parquet; plain and compressed; a row at a time."""

import gzip
import json
import lzma
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
import zstandard
from pyarrow import parquet

from pricetrail.audit.usage.files import UsageTable
from pricetrail.audit.usage.options import ReadingOptions
from pricetrail.audit.usage.prompts import Prompts
from pricetrail.audit.usage.rows import BadRow, Row, UsageRow
from pricetrail.catalog.errors import PricetrailError, exit_code

AT = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
CSV = "time,model,prompt_tokens\n2026-03-01T10:00:00Z,gpt-5,12\n"
LINE = {"time": "2026-03-01T10:00:00Z", "model": "gpt-5", "prompt_tokens": 12}


def read(name: str, text: str | bytes, style: str = "disjoint") -> list[Row]:
    Path(name).write_bytes(text.encode() if isinstance(text, str) else text)
    return list(UsageTable(Path(name), ReadingOptions(style)).read())


def one(name: str, text: str | bytes, style: str = "disjoint") -> UsageRow:
    (found,) = read(name, text, style)
    assert isinstance(found, UsageRow), found
    return found


def why(name: str, text: str) -> str:
    (found,) = read(name, text)
    assert isinstance(found, BadRow)
    return found.why


def refused(name: str, text: str | bytes) -> str:
    with pytest.raises(PricetrailError) as caught:
        read(name, text)
    assert exit_code(caught.value) == 2
    return str(caught.value)


def test_csv_rows_carry_their_line_in_the_file() -> None:
    text = 'model,time,images\n"a\n1",2026-03-01T10:00:00Z,2\nb,2026-03-01T10:00:00Z,3\n'
    found = read("usage.csv", text)
    assert [row.line for row in found] == [3, 4]
    assert isinstance(found[1], UsageRow)
    assert found[1].used == {"images": 3}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_is_separated_by_what_its_header_is(separator: str) -> None:
    text = "\ufeff" + CSV.replace(",", separator).replace("\n", "\r\n")
    assert one("usage.csv", text).used == {"prompt": 12}


@pytest.mark.parametrize(
    ("suffix", "compress"),
    [
        (".gz", gzip.compress),
        (".xz", lzma.compress),
        (".zst", zstandard.ZstdCompressor().compress),
    ],
)
def test_a_compressed_file_is_read_as_its_inner_name_says(
    suffix: str, compress: Callable[[bytes], bytes]
) -> None:
    assert one(f"usage.csv{suffix}", compress(CSV.encode())).used == {"prompt": 12}
    line = json.dumps(LINE).encode()
    assert one(f"usage.jsonl{suffix}", compress(line)).used == {"prompt": 12}


def test_a_file_without_a_telling_name_is_read_by_how_it_begins() -> None:
    assert one("usage", CSV).used == {"prompt": 12}
    assert one("usage.log", json.dumps(LINE)).used == {"prompt": 12}


@pytest.mark.parametrize("text", [CSV, json.dumps(LINE), json.dumps([LINE], indent=2)])
def test_a_pipe_is_read_once(text: str, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as writing:
        writing.submit(pipe.write_text, text)
        (row,) = UsageTable(pipe).read()
    assert isinstance(row, UsageRow)
    assert row.used == {"prompt": 12}


def test_parquet_is_not_read_from_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as writing:
        writing.submit(pipe.write_bytes, b"PAR1 and more")
        with pytest.raises(PricetrailError, match="not from a pipe"):
            list(UsageTable(pipe).read())


def test_json_lines_read_an_apis_usage_object() -> None:
    usage = {
        "prompt_tokens": 1000,
        "completion_tokens": 300,
        "total_tokens": 1300,
        "prompt_tokens_details": {"cached_tokens": 600, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 200},
    }
    document = {"id": "x", "created": 1772359200, "model": "gpt-5", "usage": usage}
    found = one("usage.jsonl", json.dumps(document), style="openai")
    assert found.at == AT
    assert {name: int(number) for name, number in found.used.items() if number} == {
        "prompt": 400,
        "completion": 100,
        "cache_read": 600,
        "reasoning": 200,
    }


def test_json_numbers_are_exact() -> None:
    text = '{"time":"2026-03-01","model":"a","seconds":0.10000000000000000555}\n\n'
    assert one("usage.jsonl", text).used == {"seconds": Decimal("0.10000000000000000555")}


def test_a_broken_line_is_a_row_that_says_so() -> None:
    assert "not valid JSON" in why("usage.jsonl", '{"time": "2026-03-01"')
    assert why("usage.jsonl", "[1]") == "the line is no JSON object"
    assert why("usage.csv", CSV.replace(",12", "")) == "it has 2 cells, the header has 3"


def test_parquet_rows_come_with_their_own_types(tmp_path: Path) -> None:
    table = pa.table(
        {
            "time": pa.array([AT, AT], pa.timestamp("us", tz="UTC")),
            "model": ["gpt-5", "gpt-5"],
            "prompt_tokens": pa.array([12, None], pa.int64()),
            "completion_tokens": pa.array([float("nan"), 5.0], pa.float64()),
            "seconds": pa.array([Decimal("1.50"), None], pa.decimal128(8, 2)),
        }
    )
    parquet.write_table(table, "usage.parquet")
    told: list[int] = []
    first, second = UsageTable(Path("usage.parquet")).read(told.append)
    assert first == UsageRow(
        *(1, "gpt-5", AT, {"prompt": Decimal(12), "seconds": Decimal("1.5")}),
        *(Prompts(Decimal(12), Decimal(12)), None, "2026-03-01T10:00:00Z"),
    )
    assert isinstance(second, UsageRow)
    assert second.used == {"completion": 5}
    assert sum(told) == Path("usage.parquet").stat().st_size


def test_parquet_times_keep_nanoseconds_and_dates_are_days() -> None:
    moment = 1_773_144_000_700_000_001
    table = pa.table(
        {
            "time": pa.array([moment], pa.timestamp("ns", tz="UTC")),
            "model": ["m"],
            "usage": [{"input_tokens": 10, "input_tokens_details": {"cached_tokens": 4}}],
        }
    )
    parquet.write_table(table, "usage.parquet", version="2.6")
    (found,) = UsageTable(Path("usage.parquet")).read()
    assert isinstance(found, UsageRow)
    assert found.time_text == "2026-03-10T12:00:00.700000001Z"
    assert found.used == {"prompt": 6, "cache_read": 4}
    table = pa.table({"date": [date(2026, 3, 10)], "model": ["m"], "prompt_tokens": [1]})
    parquet.write_table(table, "days.parquet")
    (found,) = UsageTable(Path("days.parquet")).read()
    assert isinstance(found, UsageRow)
    assert (found.time_text, found.until) == ("2026-03-10", datetime(2026, 3, 11, tzinfo=UTC))


def test_parquet_times_without_a_zone_are_not_guessed() -> None:
    for unit in ("us", "ns"):
        table = pa.table(
            {
                "time": pa.array([1_773_144_000], pa.timestamp(unit)),
                "model": ["m"],
                "prompt_tokens": [1],
            }
        )
        parquet.write_table(table, "usage.parquet", version="2.6")
        (found,) = UsageTable(Path("usage.parquet")).read()
        assert isinstance(found, BadRow)
        assert "is not a time" in found.why


def test_progress_counts_the_files_own_bytes() -> None:
    Path("usage.csv.gz").write_bytes(gzip.compress((CSV + "x,y,z\n" * 5000).encode()))
    told: list[int] = []
    list(UsageTable(Path("usage.csv.gz")).read(told.append))
    assert sum(told) == Path("usage.csv.gz").stat().st_size


def test_remarks_are_ignored_and_named() -> None:
    Path("usage.csv").write_text("time,model,images,team,status\n2026-03-01,a,1,x,200\n")
    table = UsageTable(Path("usage.csv"))
    assert len(list(table.read())) == 1
    assert table.ignored == {"team", "status"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is no column 'time'"),
        ("time,model,promt_tokens\n", "did you mean prompt_tokens?"),
        ("time,prompt_tokens\n", "there is no column 'model'"),
        ("time,model,team\n2026-03-01,a,x\n", "no column is a quantity"),
        ("time,model,images,images\n", "the column 'images' is there twice"),
        ("time,model,prompt_tokens,input_tokens\n", "'input_tokens' mean the same"),
        ("time,model,images\n", "has no rows of usage"),
        (b"time,model,images\n2026-03-01,\xff,1\n", "is not UTF-8"),
        ('time,model,images\n2026-03-01,"a"b,1\n', "is not CSV"),
    ],
)
def test_a_table_that_means_nothing_is_refused(text: str | bytes, said: str) -> None:
    assert said in refused("usage.csv", text)


def test_an_unknown_key_in_json_lines_is_refused_with_its_line() -> None:
    text = json.dumps(LINE) + "\n" + json.dumps(LINE | {"promt_tokens": 3})
    assert refused("usage.jsonl", text).startswith("usage.jsonl:2: unknown column 'promt_tokens'")


def test_a_file_that_cannot_be_read_is_refused() -> None:
    assert "PAR1" not in refused("usage.parquet", b"PAR1 but no more")
    assert "not gzip" in refused("usage.csv.gz", CSV)
    assert "damaged or cut off" in refused("cut.csv.gz", gzip.compress(CSV.encode())[:-9])
    with pytest.raises(PricetrailError, match=r"cannot read nowhere\.csv"):
        _ = UsageTable(Path("nowhere.csv")).size
    with pytest.raises(PricetrailError, match=r"cannot read nowhere\.csv"):
        list(UsageTable(Path("nowhere.csv")).read())


@pytest.mark.parametrize(
    ("more", "cells"),
    [
        ("currency", "CHF"),
        ("cost,currency", "0.003,CHF"),
        ("cost_chf", "0.003"),
        ("cost", "0.003 CHF"),
    ],
)
def test_money_in_another_currency_needs_a_rate(more: str, cells: str) -> None:
    text = f"time,model,prompt_tokens,{more}\n2026-03-01,gpt-5,12,{cells}\n"
    assert "usage.csv:2: its money is in CHF" in refused("usage.csv", text)
    (row,) = UsageTable(Path("usage.csv"), ReadingOptions(rates={"CHF": Decimal("1.1")})).read()
    assert isinstance(row, UsageRow)
    assert row.used == {"prompt": 12}
