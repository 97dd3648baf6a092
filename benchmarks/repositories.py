"""The peer that many use instead: the catalog as one file in a git repository."""

import os
import subprocess
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from pathlib import Path

FILE = "models.json"
# Whoever measures may have settings of their own; they must not decide.
_PLAIN = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


class Repository:
    """A git repository of one file, a commit a version, packed as tightly as git can."""

    def __init__(self, folder: Path, versions: Iterable[tuple[datetime, bytes]]) -> None:
        self.folder = folder
        folder.mkdir()
        self._run("init", "--quiet", "--initial-branch=main")
        self._import(versions)
        self._run("gc", "--quiet", "--aggressive", "--prune=now")

    @property
    def size(self) -> int:
        """The bytes of everything git keeps of the versions."""
        objects = self.folder / ".git" / "objects"
        return sum(path.stat().st_size for path in objects.rglob("*") if path.is_file())

    @cached_property
    def commits(self) -> list[str]:
        """The commits, oldest first."""
        return self._run("rev-list", "--reverse", "main").decode().split()

    def show(self, commit: str) -> bytes:
        """The file as of a commit: what `git show COMMIT:FILE` prints."""
        return self._run("show", f"{commit}:{FILE}")

    def _import(self, versions: Iterable[tuple[datetime, bytes]]) -> None:
        command = ["git", "-C", str(self.folder), "fast-import", "--quiet"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, env=_environment()) as process:
            if process.stdin is None:
                raise AssertionError("a pipe was asked for")
            for at, body in versions:
                process.stdin.write(_commit(at, body))
            process.stdin.close()
            if process.wait() != 0:
                raise AssertionError("git fast-import failed")

    def _run(self, *arguments: str) -> bytes:
        command = ["git", "-C", str(self.folder), *arguments]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=_environment())
        return done.stdout


def _commit(at: datetime, body: bytes) -> bytes:
    stamp = f"bench <bench@localhost> {int(at.timestamp())} +0000"
    head = f"commit refs/heads/main\ncommitter {stamp}\ndata 1\n.\nM 100644 inline {FILE}\n"
    return f"{head}data {len(body)}\n".encode() + body + b"\n"


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | _PLAIN
