"""DuckDB sees the files that were named, and nothing else."""

from pathlib import Path

import pytest

from pricetrail.audit.engines.duckdb import DuckDb
from pricetrail.audit.usage.errors import UsageFileError
from tests.audit.engines.asked import ROWS
from tests.pricetrail.commands.audits import usage

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("here")]


def test_duckdb_sees_no_other_file(tmp_path: Path) -> None:
    named, other = Path(usage("usage.csv", *ROWS)), Path(usage("other.csv", *ROWS))
    with DuckDb([named]) as database:
        assert list(database.rows(named, f"SELECT COUNT(*) FROM {database.names[named]}")) == [(4,)]
        for statement in (
            f"SELECT * FROM '{tmp_path / other}'",
            f"COPY (SELECT 1) TO '{tmp_path / 'new.csv'}'",
            "SELECT * FROM 'http://127.0.0.1:9/usage.csv'",
            "SET enable_external_access = true",
        ):
            with pytest.raises(UsageFileError, match="is not read by DuckDB"):
                database.run(named, statement)
