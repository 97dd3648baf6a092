"""Prometheus' own tool, which checks rules and expositions: of Debian's package `prometheus`.

Where it is missing the tests that need it are left out, and say so; in CI that is a failure.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def run(*arguments: str, given: bytes = b"", folder: Path | None = None) -> tuple[int, str]:
    """Its exit code, and all that it says."""
    program = shutil.which("promtool")
    if program is None:
        test, _, _ = os.environ.get("PYTEST_CURRENT_TEST", "a test").partition(" ")
        pytest.skip(f"{test} needs promtool: install Debian's package `prometheus`")
    done = subprocess.run(
        [program, *arguments], input=given, capture_output=True, cwd=folder, check=False, timeout=60
    )
    return done.returncode, (done.stdout + done.stderr).decode()
