"""What Spark is given to read at all; `tests/spark` has it read."""

from pathlib import Path

import pytest

from pricetrail.audit.engines import spark_files as files
from pricetrail.audit.usage.errors import UsageFileError


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.CSV", ".csv"), ("a.tsv.gz", ".tsv"), ("a.jsonl", ".jsonl"), ("a.parquet", ".parquet")],
)
def test_a_file_is_what_its_name_says(name: str, kind: str) -> None:
    Path(name).touch()
    assert files._kind(Path(name)) == kind


@pytest.mark.parametrize("name", ["a.json", "a.csv.xz", "a.csv.zst", "a.parquet.gz", "a"])
def test_what_spark_does_not_read_is_refused_by_name(name: str) -> None:
    Path(name).touch()
    with pytest.raises(UsageFileError, match="is not named as a table"):
        files._kind(Path(name))


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(UsageFileError, match=r"cannot read a\.csv"):
        files._kind(Path("a.csv"))


@pytest.mark.parametrize(
    ("spark", "known"),
    [
        ("string", "VARCHAR"),
        ("bigint", "BIGINT"),
        ("int", "INTEGER"),
        ("decimal(20,0)", "HUGEINT"),
        ("decimal(20,2)", "DECIMAL(20,2)"),
        ("timestamp", "TIMESTAMP WITH TIME ZONE"),
        ("timestamp_ntz", "TIMESTAMP"),
        ("array<string>", "STRUCT"),
        ("struct<a:int,b:map<string,int>>", "STRUCT"),
    ],
)
def test_the_types_of_spark_have_the_names_that_columns_are_read_by(spark: str, known: str) -> None:
    assert files._kind_of(spark) == known
