"""A peer that keeps the history of a JSON file: the `git-history` package, as a program.

It is no dependency of ours: the program on the PATH is used, else it is installed into an
environment that is thrown away, else the measurement is left out.
"""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.notes import note
from benchmarks.repositories import FILE

MISSING = "skipped: git-history is not on the PATH and could not be installed"
_INSTALL_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Built:
    """Its database: bytes, and the seconds it took."""

    size: int
    seconds: float


def program(folder: Path) -> str | None:
    """The program's path; it is installed into `folder` where it is not on the PATH."""
    found = shutil.which("git-history")
    if found is not None:
        return found
    note("installing git-history into a folder of its own")
    python = folder / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "git-history"]
    try:
        for command in ([sys.executable, "-m", "venv", str(folder)], install):
            subprocess.run(command, check=True, capture_output=True, timeout=_INSTALL_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return None
    return str(folder / "bin" / "git-history")


def build(program: str, repository: Path, database: Path, limit: float) -> Built | None:
    """Its database of a repository's file; None where it takes longer than `limit` seconds.

    Raises:
        subprocess.CalledProcessError: the program failed.
    """
    # It looks for the file in the folder, beside the history.
    subprocess.run(["git", "-C", str(repository), "reset", "--quiet", "--hard"], check=True)
    command = [program, "file", str(database), FILE, "--repo", ".", "--branch", "main"]
    command += ["--id", "id", "--convert", "json.loads(content)['data']", "--silent"]
    start = perf_counter()
    try:
        subprocess.run(command, cwd=repository, check=True, capture_output=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return None
    return Built(database.stat().st_size, perf_counter() - start)
