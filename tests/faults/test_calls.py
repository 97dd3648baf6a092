"""A fault at every file system call of a poll and of a delivery, until a run passes untouched.

The calls are those of a real SQLite, in a process that a shim in C is preloaded into.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.broken import BROKEN
from tests.faults.file_calls import WAYS
from tests.faults.works import EVERY_CALL, SOME, WORKS
from tests.support.forks import ROOT
from tests.support.volume import size

pytestmark = pytest.mark.slow

# All that a poll and a delivery ask of the system; of a first poll, of what it makes as well.
NAMES = {"open", "read", "write", "fsync", "stat", "lock", "close", "unlink"}


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shim, compiled."""
    if shutil.which("gcc") is None:
        pytest.skip("no gcc: Debian's build-essential has it")
    library = tmp_path_factory.mktemp("shim") / "calls.so"
    source = Path(__file__).with_name("calls.c")
    options = ["-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror"]
    subprocess.run(["gcc", *options, "-o", str(library), str(source), "-ldl"], check=True)
    return library


@pytest.fixture
def template(request: pytest.FixtureRequest) -> Path:
    """An empty, migrated database."""
    found: Path = request.getfixturevalue("_sqlite_template")
    return found


def told(shim: Path, template: Path, *arguments: str) -> dict[str, Any]:
    """What a process tells that tried a work in the current folder."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.file_calls", str(template), *arguments],
        env={**os.environ, "LD_PRELOAD": str(shim), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        check=True,
        timeout=1800,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", WORKS)
def test_whichever_call_fails_nothing_is_lost(shim: Path, template: Path, name: str) -> None:
    step = 1 if name == EVERY_CALL else size(SOME, 1)
    found = told(shim, template, name, str(step), str(size(1, len(WAYS))))
    assert found["wrong"] == []
    # What is left out is between two that are tried, and all before the run that was untouched.
    assert found["tried"] >= (found["untouched"] - 1) // step
    assert found["untouched"] > 200
    assert step > 1 or set(found["names"]) == NAMES


@pytest.mark.parametrize("how", ["silence", "haste"])
def test_a_broken_product_is_noticed(shim: Path, template: Path, how: str) -> None:
    name, _ = BROKEN[how]
    assert told(shim, template, name, "5", "1", how)["wrong"]
