"""The reading of cells says the same in every dialect."""

import pytest
import sqlglot

from pricetrail.audit.engines.staging import Staging
from pricetrail.audit.usage.quantities import OPENAI

STAGING = Staging(
    {"time": "c0", "end": "c1", "model": "c2", "prompt": "c3", "seconds": "c4", "request": "c5"},
    labels=("team",),
    proofs=(("c6 IS NOT NULL", OPENAI),),
    bounded=True,
)


@pytest.mark.parametrize("dialect", ["spark", "bigquery", "snowflake", "clickhouse"])
def test_every_dialect_reads_its_own_text(dialect: str) -> None:
    for query in (STAGING.usage(dialect), STAGING.requests(dialect)):
        assert sqlglot.parse_one(query, dialect=dialect).sql(dialect) == query


def test_only_quantities_are_used() -> None:
    assert STAGING.quantities == ("prompt", "seconds")
