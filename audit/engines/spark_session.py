"""A session of Spark for one audit: exact or in error, silent, and gone when it is over.

Without more it is on this machine and listens on loopback alone. `SPARK_REMOTE`, `spark-submit` or
`PYSPARK_SUBMIT_ARGS` bring one of their own: it keeps what it is set to, but for what decides sums.
"""

import logging
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from pricetrail.audit.engines.errors import EngineMissingError
from pricetrail.catalog.errors import InvalidInputError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# With any of these in the environment it is said elsewhere where Spark runs.
ELSEWHERE = ("SPARK_REMOTE", "PYSPARK_GATEWAY_PORT", "PYSPARK_SUBMIT_ARGS")
# A number that does not fit is an error, no digit is dropped, no time is moved.
_EXACT = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.session.timeZone": "UTC",
}
_LOOPBACK = "127.0.0.1"
_OWN = {
    "spark.app.name": "pricetrail audit",
    "spark.driver.bindAddress": _LOOPBACK,
    "spark.driver.host": _LOOPBACK,
    "spark.master": "local[*]",
    "spark.sql.catalogImplementation": "in-memory",
    # As many as a machine has use for; a cluster has its own number.
    "spark.sql.shuffle.partitions": "8",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
_SILENT = "rootLogger.level = off\n"
_JAVA = (
    "Spark needs Java 17 or newer: install it (Debian: openjdk-17-jre-headless), or set JAVA_HOME"
)
_SHOWN = 300


@contextmanager
def spark_session() -> Iterator["SparkSession"]:
    """A session that ends with the `with`; one that somebody else began goes on without it.

    Raises:
        InvalidInputError: PySpark or Java is missing, or Spark does not begin.
    """
    pyspark = _library()
    begin = _given if any(name in os.environ for name in ELSEWHERE) else _local
    interrupt = signal.getsignal(signal.SIGINT)
    try:
        with _silence(), begin(pyspark) as session:
            # Spark has put one of its own in its place, which waits for the cluster.
            _restore(interrupt)
            yield session
    finally:
        _restore(interrupt)


def spark_errors() -> tuple[type[Exception], ...]:
    """What is raised for what Spark cannot do."""
    from py4j.protocol import Py4JError  # noqa: PLC0415 - an extra
    from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra

    return Py4JError, PySparkException


def _library() -> ModuleType:
    """PySpark, with all that is used of it.

    Raises:
        EngineMissingError: it is not installed.
    """
    try:
        import pyspark  # noqa: PLC0415 - an extra
        from pyspark import errors, java_gateway, sql  # noqa: F401, PLC0415 - likewise
    except ImportError:
        raise EngineMissingError("spark") from None
    library: ModuleType = pyspark
    return library


@contextmanager
def _silence() -> Iterator[None]:
    """Keep from stderr what PySpark tells of an error there, with all of Java's stack."""
    root = logging.getLogger()
    # What is said to the root itself, as by nothing of ours; and no handler that it would bring.
    handler, unheard = logging.NullHandler(), logging.Filter("nothing of this name")
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL + 1)
    root.addHandler(handler)
    root.addFilter(unheard)
    try:
        yield
    finally:
        root.removeFilter(unheard)
        root.removeHandler(handler)


def _restore(handler: object) -> None:
    if threading.current_thread() is threading.main_thread() and callable(handler):
        signal.signal(signal.SIGINT, handler)


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:_SHOWN]


@contextmanager
def _given(pyspark: ModuleType) -> Iterator["SparkSession"]:
    """The session that the environment tells of."""
    try:
        session = pyspark.sql.SparkSession.builder.appName(_OWN["spark.app.name"]).getOrCreate()
        for name, value in _EXACT.items():
            session.conf.set(name, value)
    except (ImportError, pyspark.errors.PySparkException) as error:
        raise InvalidInputError(f"no session of Spark: {_first_line(error)}") from None
    yield session


@contextmanager
def _local(pyspark: ModuleType) -> Iterator["SparkSession"]:
    """A session of a Java of its own, on this machine."""
    with tempfile.TemporaryDirectory(prefix="pricetrail-spark-") as name:
        folder = Path(name)
        conf = pyspark.SparkConf(loadDefaults=False).setAll(list(_settings(folder).items()))
        said = folder / "stderr"
        try:
            with said.open("wb") as stderr:
                # Java warns before any setting of ours is read.
                streams = {"stdout": subprocess.DEVNULL, "stderr": stderr, "cwd": folder}
                gateway = pyspark.java_gateway.launch_gateway(conf, streams)
        except pyspark.errors.PySparkException:
            words = said.read_text(encoding="utf-8", errors="replace").strip()
            last = words.splitlines()[-1][:_SHOWN] if words else "it said nothing"
            raise InvalidInputError(f"{_JAVA}; it did not begin: {last}") from None
        try:
            context = pyspark.SparkContext(conf=conf, gateway=gateway)
            session = pyspark.sql.SparkSession(context)
            yield session
            session.stop()
        finally:
            # It holds nothing but files in the folder, and may be busy with what nobody waits for.
            gateway.proc.kill()
            gateway.shutdown()
            gateway.proc.wait()
            gateway.proc.stdin.close()
            _forget(pyspark)


def _forget(pyspark: ModuleType) -> None:
    """Let a later session of this process begin anew: PySpark keeps its Java for good."""
    context, session = pyspark.SparkContext, pyspark.sql.SparkSession
    context._gateway = context._jvm = None  # noqa: SLF001 - there is no other way
    context._active_spark_context = None  # noqa: SLF001 - likewise
    session._instantiatedSession = None  # noqa: SLF001 - likewise


def _settings(folder: Path) -> dict[str, str]:
    """The settings of a session of ours, all of whose files are in a folder."""
    logging_file = folder / "log4j2.properties"
    logging_file.write_text(_SILENT, encoding="utf-8")
    return {
        **_EXACT,
        **_OWN,
        "spark.driver.extraJavaOptions": (
            f'-Dlog4j2.configurationFile={logging_file.as_uri()} "-Djava.io.tmpdir={folder}"'
        ),
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
