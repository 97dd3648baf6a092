"""The wheel and the sdist, installed into clean environments and run from another folder."""

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from pricetrail.version import VERSION
from tests.packaging.conftest import ROOT, Installed

pytestmark = pytest.mark.slow

FOLDERS = sorted(path.name for path in (ROOT / "pricetrail").iterdir() if path.is_symlink())


def test_a_wheel_from_the_sdist_is_the_wheel(built: Path) -> None:
    [direct] = (built / "wheel").glob("*.whl")
    [from_sdist] = (built / "sdist").glob("*.whl")
    assert contents(from_sdist) == contents(direct)


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_sdist_holds_files_and_no_link(built: Path) -> None:
    [sdist] = (built / "sdist").glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        members = archive.getmembers()
    assert {member.name.split("/")[1] for member in members} == {
        *("pricetrail", "pyproject.toml", "PKG-INFO"),
        *("README.md", "LICENSE", "CHANGELOG.md"),
    }
    assert all(member.isfile() or member.isdir() for member in members)


def test_site_packages_gain_one_package_that_is_typed(installed: Installed) -> None:
    assert installed.gained == {"pricetrail", f"pricetrail-{VERSION}.dist-info"}
    assert (installed.site_packages / "pricetrail" / "py.typed").is_file()


def test_it_runs_anywhere(installed: Installed) -> None:
    version = installed.run("--version")
    assert (version.returncode, version.stdout) == (0, f"pricetrail {VERSION}\n"), version.stderr


def test_no_folder_is_a_package_of_its_own(installed: Installed) -> None:
    program = f"""
import importlib
from importlib.util import find_spec
for folder in {FOLDERS}:
    print(importlib.import_module("pricetrail." + folder).__file__, find_spec(folder))
"""
    found = [line.split() for line in installed.evaluate(program).splitlines()]
    package = installed.site_packages / "pricetrail"
    assert [(Path(file).parent, shadowed) for file, shadowed in found] == [
        (package / folder, "None") for folder in FOLDERS
    ]


def test_commands_run_with_their_migrations_and_python_callers_are_answered(
    installed: Installed,
) -> None:
    made = installed.run("db", "upgrade")
    assert made.returncode == 0, made.stderr
    model = {"id": "gpt-5", "pricing": {"kind": "token", "text": {"prompt": "0.00000125"}}}
    payload = {"object": "list", "data": [model], "total": 1}
    line = {"observed_at": "2026-03-01T10:00:00Z", "payload": payload}
    Path("history.jsonl").write_text(json.dumps(line), encoding="utf-8")
    taken = installed.run("import", "history.jsonl")
    assert taken.returncode == 0, taken.stderr
    program = """
import pricetrail
with pricetrail.connect("sqlite:///pricetrail.db") as prices:
    [price] = prices.price("gpt-5").before.prices
    print(price.path, price.amount)
"""
    assert installed.evaluate(program) == "/pricing/text/prompt 0.00000125\n"


@pytest.mark.parametrize("kept_as_text", [True, False])
def test_a_checkout_without_links_is_refused_with_a_clear_word(
    checkout: Path, tmp_path: Path, *, kept_as_text: bool
) -> None:
    """Git writes a link's target into a file where `core.symlinks` is false; a zip may drop it."""
    package = tmp_path / "pricetrail"
    package.mkdir()
    for path in (checkout / "pricetrail").iterdir():
        if path.suffix == ".py":
            (package / path.name).write_bytes(path.read_bytes())
        elif path.is_symlink() and kept_as_text:
            (package / path.name).write_text(path.readlink().as_posix(), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pricetrail", "--version"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": ""},
        text=True,
    )
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("ImportError: the links in pricetrail/ are missing")
    assert "git -c core.symlinks=true clone" in last
