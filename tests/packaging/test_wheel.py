"""The wheel: built, installed into a clean environment, and run from another folder."""

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = (
    *("pricetrail", "catalog", "storage", "alerts", "jobs", "web", "migrations"),
    *("pyproject.toml", "README.md", "LICENSE"),
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that the checkout stays as it is."""
    copy = tmp_path_factory.mktemp("copy")
    for name in SHIPPED:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, copy / name, symlinks=True, ignore=ignored)
        else:
            shutil.copyfile(source, copy / name)
    out = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(out), str(copy))
    [built] = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel alone; the dependencies are those of this one."""
    environment = tmp_path_factory.mktemp("environment")
    venv.create(environment, with_pip=False)
    target = _site_packages(environment)
    before = {path.name for path in target.iterdir()}
    pip = ("-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    _run(
        *(sys.executable, *pip, "--no-deps", "--no-index", "--no-compile"),
        *("--prefix", str(environment), "--ignore-installed", str(wheel)),
    )
    gained = {path.name for path in target.iterdir()} - before
    assert gained == {"pricetrail", "pricetrail-0.1.0.dist-info"}
    # The editable install of this checkout is a .pth file there, which a .pth does not follow.
    (target / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return environment


def _site_packages(environment: Path) -> Path:
    [found] = environment.glob("lib/python*/site-packages")
    return found


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def _pricetrail(environment: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    program = environment / "bin" / "python"
    entry = environment / "bin" / "pricetrail"
    return subprocess.run(
        [str(program), str(entry), *arguments], capture_output=True, check=False, text=True
    )


def test_it_is_one_package_that_runs_anywhere(installed: Path) -> None:
    version = _pricetrail(installed, "--version")
    assert (version.returncode, version.stdout) == (0, "pricetrail 0.1.0\n"), version.stderr


def test_a_command_runs_with_its_migrations(installed: Path) -> None:
    made = _pricetrail(installed, "db", "upgrade")
    assert made.returncode == 0, made.stderr
    empty = _pricetrail(installed, "models", "--json")
    assert (empty.returncode, empty.stdout) == (3, "")
    assert "nothing recorded yet" in empty.stderr


def test_what_it_runs_is_inside_the_one_package(installed: Path) -> None:
    program = (
        "import importlib.util, pricetrail, pricetrail.storage, pricetrail.migrations; "
        "print(pricetrail.storage.__file__, pricetrail.migrations.__file__); "
        "print(importlib.util.find_spec('storage'), importlib.util.find_spec('jobs'))"
    )
    done = subprocess.run(
        [str(installed / "bin" / "python"), "-I", "-c", program],
        capture_output=True,
        check=True,
        text=True,
    )
    files, shadowed = done.stdout.splitlines()
    inside = str(_site_packages(installed) / "pricetrail")
    assert all(path.startswith(inside) for path in files.split())
    assert shadowed == "None None"
