"""Parquet by an engine: what it would read in another way is refused."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.pricetrail.commands.audits import run

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("here")]

AT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"time": pa.array([AT], pa.timestamp("ns", "UTC"))}, "has times in nanoseconds"),
        ({"usage": pa.array([{"prompt_tokens": 1}])}, "has a nested column, 'usage'"),
        ({"spend": pa.array([1.5])}, "--ignore spend"),
        ({"imges": pa.array([1])}, "did you mean images?"),
        ({"usage_details": pa.array(["{}"]), "start_time": pa.array(["x"])}, "as langfuse"),
    ],
)
def test_what_is_not_a_plain_cell_is_refused(columns: dict[str, pa.Array], why: str) -> None:
    plain = {
        "time": pa.array([AT], pa.timestamp("us", "UTC")),
        "model": pa.array(["gpt-5"]),
        "completion_tokens": pa.array([1]),
    }
    parquet.write_table(pa.table(plain | columns), "usage.parquet")
    assert why in run("audit", "usage.parquet", "--engine", "duckdb", code=2).stderr
