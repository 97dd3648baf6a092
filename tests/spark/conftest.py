"""One session for all: to begin one takes longer than all that is asked of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from pricetrail.audit.engines.spark import Spark
from pricetrail.audit.engines.spark_session import ELSEWHERE

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# A Java that lives for seconds is not worth compiling for.
_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto"


@pytest.fixture(autouse=True, scope="session")
def _quick_java() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JDK_JAVA_OPTIONS", _JAVA)
        for name in ELSEWHERE:
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def spark(_quick_java: None) -> Iterator[Spark]:
    """An engine that runs."""
    with Spark() as running:
        yield running


@pytest.fixture
def session(spark: Spark) -> "SparkSession":
    """Its session."""
    return spark._session
