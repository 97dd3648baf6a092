"""`--sqlite-only` leaves tests out, and skips none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]

TESTS = """
import pytest

@pytest.fixture
def postgres_server(): return "server"

@pytest.fixture
def postgres_url(postgres_server): return postgres_server

@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request): return request.param

@pytest.fixture
def database(database_url): return database_url

def test_on_both(database): pass
def test_on_a_server(postgres_url): pass
def test_without(): pass

@pytest.mark.parametrize("word", ["postgres"])
def test_of_a_word(word): pass
"""


@pytest.mark.parametrize(
    ("options", "counts"), [([], "5 passed"), (["--sqlite-only"], "3 passed, 2 deselected")]
)
def test_what_needs_a_postgres_is_left_out(tmp_path: Path, options: list[str], counts: str) -> None:
    (tmp_path / "test_made_up.py").write_text(TESTS, encoding="utf-8")
    plugin = ["-p", "tests.support.sqlite_only", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, "--rootdir", tmp_path, *options, tmp_path],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTEST_ADDOPTS": "",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert counts in done.stdout, done.stdout + done.stderr
