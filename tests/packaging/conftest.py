"""The wheel and the sdist, built once a session, and an environment with the wheel."""

import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.once import Once, once

__all__ = ["once"]  # a fixture

ROOT = Path(__file__).resolve().parents[2]
_FILES = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md")
_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment with pricetrail alone; the dependencies are those of this one.

    `gained` is what the installation put into `site_packages`.
    """

    environment: Path
    site_packages: Path
    gained: frozenset[str]

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run `pricetrail` as it was installed."""
        return self._python(str(self.environment / "bin" / "pricetrail"), *arguments)

    def evaluate(self, program: str) -> str:
        """What a program prints, run where neither this folder nor the user's own count."""
        done = self._python("-I", "-c", program)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _python(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        python = str(self.environment / "bin" / "python")
        return subprocess.run([python, *arguments], capture_output=True, check=False, text=True)


@pytest.fixture(scope="session")
def checkout(once: Once) -> Path:
    """A copy of what is shipped, links and all, so that the checkout stays as it is."""
    return once("checkout", _copy)


def _copy(folder: Path) -> None:
    links = [path.readlink().name for path in (ROOT / "pricetrail").iterdir() if path.is_symlink()]
    for name in ("pricetrail", *links):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=ignored)
    for name in _FILES:
        shutil.copyfile(ROOT / name, folder / name)


@pytest.fixture(scope="session")
def built(once: Once, checkout: Path) -> Path:
    """`wheel/` has the wheel; `sdist/` the sdist, and the wheel that is built from it."""
    return once("built", lambda folder: _build(checkout, folder))


def _build(checkout: Path, folder: Path) -> None:
    build = (sys.executable, "-m", "build", "--no-isolation", "--outdir")
    # Without an option of what to build: an sdist, and a wheel from that.
    _run(*build, str(folder / "sdist"), str(checkout))
    _run(*build, str(folder / "wheel"), "--wheel", str(checkout))


@pytest.fixture(scope="session")
def installed(once: Once, built: Path) -> Installed:
    """A new environment with the wheel of the sdist; the other wheel is the same."""
    [wheel] = (built / "sdist").glob("*.whl")
    environment = once("environment", lambda folder: _install(wheel, folder))
    [site_packages] = environment.glob("lib/python*/site-packages")
    gained = (environment / "gained").read_text(encoding="utf-8").split()
    return Installed(environment, site_packages, frozenset(gained))


def _install(wheel: Path, environment: Path) -> None:
    venv.create(environment, with_pip=False)
    [site_packages] = environment.glob("lib/python*/site-packages")
    before = {path.name for path in site_packages.iterdir()}
    _run(
        *(*_PIP, "install", "--quiet", "--no-deps", "--no-index", "--no-compile"),
        *("--prefix", str(environment), "--ignore-installed", str(wheel)),
    )
    gained = {path.name for path in site_packages.iterdir()} - before
    (environment / "gained").write_text("\n".join(gained), encoding="utf-8")
    # The editable install of this checkout is a .pth file there, which a .pth does not follow.
    dependencies = sysconfig.get_path("purelib")
    (site_packages / "dependencies.pth").write_text(dependencies, encoding="utf-8")


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
