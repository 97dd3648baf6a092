"""A skip is a failure in CI, and stays a skip at home."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]

_SKIPS = {
    "call": "import pytest\ndef test_a(): pytest.skip('not today')\n",
    "mark": "import pytest\n@pytest.mark.skip(reason='not today')\ndef test_a(): pass\n",
    "module": "import pytest\npytest.skip('not today', allow_module_level=True)\n",
    "import": "import pytest\npytest.importorskip('no_such_module', reason='not today')\n",
}


def test_in_ci_every_kind_of_skip_fails_and_says_why(tmp_path: Path) -> None:
    result = _pytest(tmp_path, _SKIPS, ci="true")
    assert result.returncode == 1
    assert "1 failed, 3 errors" in result.stdout
    said = result.stdout.splitlines().count("no test may be skipped in CI. Skipped: not today")
    assert said == len(_SKIPS)


def test_at_home_a_skip_is_a_skip(tmp_path: Path) -> None:
    result = _pytest(tmp_path, _SKIPS, ci="")
    assert "4 skipped" in result.stdout


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    source = "import pytest\n@pytest.mark.xfail\ndef test_a(): assert False\n"
    assert "1 xfailed" in _pytest(tmp_path, {"expected": source}, ci="true").stdout


def _pytest(folder: Path, tests: dict[str, str], ci: str) -> subprocess.CompletedProcess[str]:
    for name, source in tests.items():
        (folder / f"test_{name}.py").write_text(source)
    options = ["-p", "tests.support.no_skips", "-p", "no:cacheprovider", "--rootdir", str(folder)]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--continue-on-collection-errors", *options, folder],
        env={
            **os.environ,
            "CI": ci,
            "PYTHONPATH": str(ROOT),
            "PYTEST_ADDOPTS": "",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
