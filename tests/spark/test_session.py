"""A session of Spark: exact or in error, silent, on loopback, and gone when it is over."""

import os
import signal
import socket
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.tree import ROOT

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_MOST = "9" * 38
_BEGINS = """
import sys
from pricetrail.audit.engines.spark_session import spark_session
with spark_session() as session:
    print("begun", flush=True)
    session.sql("SELECT SUM(a.id * b.id % 7) FROM range(10000000) a, range(10000000) b").collect()
"""


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT SUM(CAST(x AS DECIMAL(38, 0))) FROM VALUES ('{_MOST}'), ('1') AS t(x)",
        f"SELECT CAST(x AS DECIMAL(38, 0)) * 10 FROM VALUES ('{_MOST}') AS t(x)",
        "SELECT SUM(x) FROM VALUES (9223372036854775807), (1) AS t(x)",
    ],
)
def test_what_does_not_fit_is_an_error(session: "SparkSession", query: str) -> None:
    from pyspark.errors import ArithmeticException  # noqa: PLC0415 - of this environment alone

    with pytest.raises(ArithmeticException):
        session.sql(query).collect()


def test_what_fits_has_all_its_digits(session: "SparkSession") -> None:
    amount = "0.12345678901234567890123"
    query = f"SELECT SUM(CAST(x AS DECIMAL(38, 23))) FROM VALUES ('{amount}'), ('5') AS t(x)"
    assert session.sql(query).collect()[0][0] == Decimal(amount) + 5


def test_it_listens_on_loopback_alone(session: "SparkSession") -> None:
    assert session.conf.get("spark.driver.host") == "127.0.0.1"
    listening = {
        line.split()[1]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{_java(os.getpid())}/net/{table}").read_text().splitlines()[1:]
        if line.split()[3] == "0A" and line.split()[9] in _sockets(_java(os.getpid()))
    }
    assert listening
    loopback = socket.inet_aton("127.0.0.1")[::-1].hex().upper()
    assert {address.partition(":")[0][-8:] for address in listening} == {loopback}


def test_ctrl_c_ends_it_at_once_in_silence_and_leaves_nothing(tmp_path: Path) -> None:
    environ = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", _BEGINS],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        java = _java(process.pid)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)
    assert said.splitlines()[-1] == "KeyboardInterrupt"
    assert "WARN" not in said
    assert "ERROR" not in said
    assert not Path(f"/proc/{java}").exists()
    assert list(tmp_path.iterdir()) == []


def _java(parent: int) -> int:
    """The process of Java that another one began."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="utf-8").split()
    found = [int(one) for one in children if _name(int(one)) == "java"]
    assert len(found) == 1
    return found[0]


def _name(process: int) -> str:
    return Path(f"/proc/{process}/comm").read_text(encoding="utf-8").strip()


def _sockets(process: int) -> set[str]:
    """The numbers of the sockets that a process has open."""
    links = Path(f"/proc/{process}/fd").iterdir()
    names = [str(link.readlink()) for link in links if link.is_symlink()]
    return {name[len("socket:[") : -1] for name in names if name.startswith("socket:")}
