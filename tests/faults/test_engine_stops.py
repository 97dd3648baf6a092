"""A bill of millions of rows by DuckDB: it ends when it is told to, and keeps within its memory."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pricetrail.commands.audits import history
from tests.soak.process import sample
from tests.support.forks import COMMAND_LINE, Forked
from tests.support.volume import size

pytestmark = pytest.mark.slow

_ROWS = size(2_000_000, thorough=20_000_000)
# DuckDB's own gigabyte, and what Python and our side of it take.
_MOST = 1_400 * 1024
_COMMAND = ("audit", "usage.csv", "--engine", "duckdb", "--group-by", "user", "--json", "--totals")


@pytest.fixture
def _bill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Rows of fifty thousand users, whose groups are held at once."""
    (tmp_path / "spills").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "spills"))
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", f"sqlite:///{tmp_path}/audits.db")
    history(f"sqlite:///{tmp_path}/audits.db")
    with Path("usage.csv").open("w", encoding="utf-8") as file:
        file.write("time,model,prompt_tokens,completion_tokens,user\n")
        file.writelines(
            f"2026-03-01T10:{number % 60:02}:00Z,gpt-5,{number % 977},3,u{number % 49_999}\n"
            for number in range(_ROWS)
        )
    yield
    Path("usage.csv").unlink()


def wait_for_spills() -> None:
    """Until the engine has begun."""
    end = time.monotonic() + 60
    while not spills():
        assert time.monotonic() < end
        time.sleep(0.01)


def spills() -> list[Path]:
    return list(Path("spills").iterdir())


@pytest.mark.usefixtures("_bill")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_it_is_told_to_and_leaves_nothing(number: signal.Signals) -> None:
    with Forked(COMMAND_LINE, *_COMMAND) as process:
        wait_for_spills()
        time.sleep(0.3)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (1, "")
    assert err == "pricetrail: stopped by a signal before it was done\n"
    assert spills() == []


@pytest.mark.usefixtures("_bill")
def test_its_memory_is_bounded() -> None:
    most = 0
    with Forked(COMMAND_LINE, *_COMMAND) as process:
        wait_for_spills()
        while spills():
            most = max(most, sample(process.pid).memory)
            time.sleep(0.05)
        out, err = process.communicate(timeout=300)
    assert (process.returncode, json.loads(out)["rows"]) == (0, _ROWS), err
    assert 100 * 1024 < most < _MOST
