"""What Spark is told of a file; `tests/spark` has it answer."""

from pathlib import Path

import pytest

from pricetrail.audit.engines import spark
from pricetrail.audit.usage.errors import UsageFileError


@pytest.mark.parametrize("name", ["[1].csv", "a*.csv", "_a.csv", ".a.csv", "a:b.csv", "a,b.csv"])
def test_a_name_that_would_mean_something_else_is_refused(name: str) -> None:
    with pytest.raises(UsageFileError, match="rename it, or: leave --engine out"):
        spark._address(Path(name))


def test_a_file_is_named_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "it's a file.csv"
    assert spark._address(path) == f"file://{path.resolve()}"
