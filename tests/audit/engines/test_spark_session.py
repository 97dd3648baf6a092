"""What is said without Spark, and what a session is set to; `tests/spark` has sessions that run."""

import sys
from pathlib import Path

import pytest

from pricetrail.audit.engines import spark_session as sessions
from pricetrail.audit.engines.errors import EngineMissingError
from pricetrail.audit.engines.spark_session import spark_session


def test_without_its_library_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(EngineMissingError, match=r"pip install '\.\[spark\]'"), spark_session():
        pass


def test_a_session_of_ours_listens_on_loopback_and_writes_into_its_folder(tmp_path: Path) -> None:
    settings = sessions._settings(tmp_path)
    assert settings["spark.driver.bindAddress"] == settings["spark.driver.host"] == "127.0.0.1"
    assert settings["spark.ui.enabled"] == "false"
    for name in ("spark.local.dir", "spark.sql.warehouse.dir"):
        assert Path(settings[name]).is_relative_to(tmp_path)
    assert f'"-Djava.io.tmpdir={tmp_path}"' in settings["spark.driver.extraJavaOptions"]
    assert (tmp_path / "log4j2.properties").read_text(
        encoding="utf-8"
    ) == "rootLogger.level = off\n"


def test_wherever_it_runs_a_number_that_does_not_fit_is_an_error() -> None:
    assert sessions._EXACT["spark.sql.ansi.enabled"] == "true"
    assert sessions._EXACT["spark.sql.decimalOperations.allowPrecisionLoss"] == "false"
