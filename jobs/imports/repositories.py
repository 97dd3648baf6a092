"""Git repositories as somebody else left them, read without obeying anything that is set there.

Git runs in a folder of ours, with settings of ours. Of the repository it is shown the objects and
the refs alone: no setting, hook, filter, graft or replacement of it, of this user or of this
machine changes what is read, fetches anything or starts a program; whoever owns the repository.
"""

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pricetrail.catalog.errors import InvalidInputError

_OURS = "[core]\n\trepositoryformatversion = 1\n\tbare = true\n\tcommitGraph = false\n"
# What git may reserve at once: no catalog, and no commit that anybody wrote, takes as much.
_MEMORY = "512m"
_OBJECT_FORMATS = ("sha1", "sha256")
# A path in a file of git's: nothing that is longer is one.
_LONGEST = 1 << 16


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository, for as long as `opened` holds it open.

    `prefix` leads from the root of its work tree to the folder that was named (`prices/`), and is
    empty for the root itself and for a bare repository.
    """

    named: Path
    prefix: str
    common: Path
    ours: Path
    program: str

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Begin a command of git's that reads from a pipe and answers by another."""
        return subprocess.Popen(  # noqa: S603 - git itself, with arguments that no shell reads
            self._command(arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.ours,
            env=self._environment(),
        )

    def output(self, *arguments: str, given: bytes = b"") -> bytes:
        """What a command of git's answers.

        Raises:
            InvalidInputError: it failed.
        """
        done = self._run(arguments, given)
        if done.returncode != 0:
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
            reason = lines[0] if lines else "no reason given"
            raise InvalidInputError(f"git cannot read {self.named}: {reason}; {self.remedy}")
        return done.stdout

    def find(self, *arguments: str) -> str | None:
        """The line that a command of git's answers; None where it finds nothing."""
        done = self._run(arguments, b"")
        return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None

    @property
    def remedy(self) -> str:
        """How what is missing here may be had."""
        if any((self.common / "objects" / "pack").glob("*.promisor")):
            whole = self.command("fetch --refetch --no-filter")
            return f"it is a partial clone: fetch the rest with `{whole}`, or clone it again"
        return "is the clone a whole one? clone it again, or see what `git fsck` says"

    def command(self, words: str) -> str:
        """A command of git's for a person to type, about this repository."""
        return f"git -C {shlex.quote(str(self.named))} {words}"

    @property
    def shallow(self) -> bool:
        """Whether it was cloned without the beginning of its history."""
        file = self.common / "shallow"
        return file.exists() and file.stat().st_size > 0

    def _run(self, arguments: Sequence[str], given: bytes) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(  # noqa: S603 - as above
            self._command(arguments),
            input=given,
            capture_output=True,
            check=False,
            cwd=self.ours,
            env=self._environment(),
        )

    def _command(self, arguments: Sequence[str]) -> list[str]:
        return [
            self.program,
            "--no-pager",
            "--no-replace-objects",
            "--literal-pathspecs",
            *arguments,
        ]

    def _environment(self) -> dict[str, str]:
        """This process's without what is git's; and git is kept from looking around."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith("GIT_")
        }
        return inherited | {
            "GIT_DIR": str(self.ours),
            "GIT_OBJECT_DIRECTORY": str(self.common / "objects"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            # Where an older git looks for what the line above says there is none of.
            "HOME": str(self.ours),
            "XDG_CONFIG_HOME": str(self.ours),
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_ALLOW_PROTOCOL": "",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_ALLOC_LIMIT": _MEMORY,
            "LC_ALL": "C",
        }


@contextmanager
def opened(named: Path) -> Iterator[Repository]:
    """The repository that a folder is, or lies in.

    Raises:
        InvalidInputError: no git, no repository, or one of a kind that cannot be read.
    """
    program = _program()
    if not named.is_dir():
        raise InvalidInputError(
            f"{named} is not a folder: --git takes a repository and a path in it"
        )
    try:
        git, prefix = _git_folder(named)
        common = _common(git)
        with TemporaryDirectory(prefix="pricetrail-git-") as folder:
            repository = Repository(named, prefix, common, Path(folder), program)
            _prepare(repository, git)
            yield repository
    except OSError as error:
        where = error.filename or named
        raise InvalidInputError(f"git cannot read {named}: {where}: {error.strerror}") from None


def _program() -> str:
    """Where `git` is: by its whole path, and never in whatever folder is the current one."""
    path = os.environ.get("PATH", os.defpath).split(os.pathsep)
    program = shutil.which("git", path=os.pathsep.join(filter(os.path.isabs, path)))
    if program is None:
        raise InvalidInputError(
            "there is no `git` on this machine: install it, or export the history"
        )
    return program


def _git_folder(named: Path) -> tuple[Path, str]:
    """The folder that git keeps a repository in, and what leads from its root to the one named."""
    folder = named.resolve()
    if _holds_repository(folder):
        return folder, ""
    for root in (folder, *folder.parents):
        inside = root / ".git"
        if not os.path.lexists(inside):
            continue
        # Whatever is wrong with it, no other repository further up is meant.
        git = _linked(inside) if inside.is_file() else inside
        if not _holds_repository(git):
            raise InvalidInputError(f"git cannot read {named}: {inside} is not a git repository")
        return git, "".join(f"{part}/" for part in folder.relative_to(root).parts)
    raise InvalidInputError(
        f"git cannot read {named}: not a git repository, and no folder above it is"
    )


def _linked(file: Path) -> Path:
    """The folder that a file `.git` of a work tree or of a submodule leads to."""
    word, _, target = _line(file).partition(":")
    return file.parent / target.strip() if word == "gitdir" else file


def _common(git: Path) -> Path:
    """Where the objects are: a further work tree shares those of the first."""
    pointer = git / "commondir"
    return git / _line(pointer) if pointer.is_file() else git


def _line(file: Path) -> str:
    with file.open("rb") as stream:
        return os.fsdecode(stream.read(_LONGEST)).rstrip("\r\n")


def _holds_repository(git: Path) -> bool:
    if not (git / "HEAD").is_file():
        return False
    common = _common(git)
    return (common / "objects").is_dir() and (common / "refs").is_dir()


def _prepare(repository: Repository, git: Path) -> None:
    """Make our folder look like a repository with the same refs and none of its settings."""
    ours, common = repository.ours, repository.common
    (ours / "objects").mkdir()
    (ours / "HEAD").write_bytes(os.fsencode(_line(git / "HEAD") + "\n"))
    (ours / "config").write_text(_OURS, encoding="ascii")
    for name in ("refs", "packed-refs"):
        if (common / name).exists():
            (ours / name).symlink_to((common / name).resolve())
    kind = _extension(repository, "objectformat") or "sha1"
    storage = _extension(repository, "refstorage") or "files"
    if kind not in _OBJECT_FORMATS or storage != "files":
        raise InvalidInputError(
            f"git cannot read {repository.named}: it is kept as {kind} and {storage}; import from "
            "a clone by `git clone --ref-format=files`"
        )
    with (ours / "config").open("a", encoding="ascii") as config:
        config.write(f"[extensions]\n\tobjectFormat = {kind}\n" if kind != "sha1" else "")


def _extension(repository: Repository, name: str) -> str | None:
    """How the repository is kept: the one thing that has to be known of its settings."""
    settings = repository.common / "config"
    if not settings.is_file():
        return None
    asked = ("config", "--file", str(settings.resolve()), "--no-includes", "--get")
    value = repository.find(*asked, f"extensions.{name}")
    return value.lower() if value is not None else None
