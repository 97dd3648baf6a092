"""What the person who runs the tests has set does not decide them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]

_PROBE = "tests/support/test_environment.py::test_settings_and_proxies_are_gone"


def test_settings_and_proxies_are_gone() -> None:
    left = [
        name
        for name in os.environ
        if name.startswith(("PRICETRAIL_", "PIPELLM_")) or name.lower().endswith("_proxy")
    ]
    assert left == []


def test_they_are_cleared_where_somebody_has_set_them() -> None:
    odd = {"PIPELLM_API_KEY": "k", "PRICETRAIL_CONFIG": "/nowhere", "https_proxy": "x", "CI": ""}
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", _PROBE],
        env={**os.environ, **odd},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in result.stdout, result.stdout


def test_the_current_folder_is_empty(tmp_path: Path) -> None:
    assert Path.cwd() == tmp_path
    assert list(tmp_path.iterdir()) == []
