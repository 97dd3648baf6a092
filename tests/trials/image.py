"""The image's steps, run in a clean Debian, for want of a Docker engine: `make try-image`.

The instructions are read from the Dockerfile itself. Each stage begins with what debootstrap
makes, `RUN` happens in there with chroot, `COPY` heeds `.dockerignore`. Then its own command
runs as its own user, with a root that cannot be written, against a gateway on loopback; its health
check is asked, and it is stopped. What is left out: the layers and the engine. Needs root,
debootstrap, Debian's packages and PyPI. Says how large the result is.
"""

import argparse
import fnmatch
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pricetrail.demo.gateway import Gateway
from tests.support.histories import model
from tests.support.tree import ROOT
from tests.trials.dockerfile import Instruction, parse, stages

DOCKERFILE = ROOT / "deploy" / "docker" / "Dockerfile"
# How this machine reaches the package registries; an engine would bring its own way. Where the
# certificates lie inside, no package puts any.
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_OUTSIDE = {"etc/resolv.conf": Path("/etc/resolv.conf"), "run/outside.crt": _CERTIFICATES}


@dataclass
class Stage:
    """A root file system, and what its instructions have set so far."""

    root: Path
    environment: dict[str, str] = field(
        default_factory=lambda: {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    )
    folder: str = "/"
    user: str = "0:0"
    command: list[str] = field(default_factory=list)
    entry: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)


class Build:
    """Carries out the instructions, a stage after the other."""

    def __init__(self, work: Path, base: Path) -> None:
        self.work, self.base = work, base
        self.stages: dict[str, Stage] = {}

    def run(self) -> Stage:
        """The last stage."""
        for number, instructions in enumerate(stages(parse(DOCKERFILE.read_text("utf-8")))):
            name = instructions[0].rest.partition(" AS ")[2] or str(number)
            stage = self.stages[name] = Stage(self.work / name)
            print(f"stage {name}", flush=True)
            sh("cp", "-a", str(self.base), str(stage.root))
            for instruction in instructions[1:]:
                getattr(self, f"_{instruction.name.lower()}", _nothing)(stage, instruction)
        return stage

    def _arg(self, stage: Stage, instruction: Instruction) -> None:
        stage.environment |= instruction.pairs()

    _env = _arg

    def _workdir(self, stage: Stage, instruction: Instruction) -> None:
        stage.folder = instruction.rest
        (stage.root / stage.folder[1:]).mkdir(parents=True, exist_ok=True)

    def _user(self, stage: Stage, instruction: Instruction) -> None:
        stage.user = instruction.rest

    def _entrypoint(self, stage: Stage, instruction: Instruction) -> None:
        stage.entry = instruction.words()

    def _cmd(self, stage: Stage, instruction: Instruction) -> None:
        stage.command = instruction.words()

    def _healthcheck(self, stage: Stage, instruction: Instruction) -> None:
        stage.health = Instruction("CMD", instruction.rest.partition("CMD ")[2]).words()

    def _copy(self, stage: Stage, instruction: Instruction) -> None:
        words = instruction.words()
        if words[0].startswith("--from="):
            source = self.stages[words.pop(0).partition("=")[2]].root
            sh("cp", "-a", f"{source}{words[0]}", f"{stage.root}{words[1]}")
            return
        target = stage.root / (Path(stage.folder) / words[-1]).as_posix()[1:]
        wanted = set(words[:-1])
        for path in context():
            if "." in wanted or path.as_posix() in wanted:
                to = target / path if words[-1].startswith(".") else target
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / path, to, follow_symlinks=False)

    def _run(self, stage: Stage, instruction: Instruction) -> None:
        with outside(stage.root):
            done = subprocess.run(
                [
                    "chroot",
                    str(stage.root),
                    "/bin/sh",
                    "-ec",
                    f"cd {stage.folder}; {instruction.rest}",
                ],
                env=stage.environment | _own_way_out(),
                check=False,
            )
        if done.returncode:
            sys.exit(f"failed with {done.returncode}: RUN {instruction.rest}")


def _nothing(_stage: Stage, _instruction: Instruction) -> None:
    """It changes no file."""


def context() -> Iterator[Path]:
    """What `.dockerignore` lets through, and git knows: paths from the top."""
    rules = [
        line for line in (ROOT / ".dockerignore").read_text("utf-8").split("\n") if line[:1] != "#"
    ]
    listed = subprocess.check_output(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, text=True
    )
    for line in listed.splitlines():
        path, let_in = Path(line), True
        for rule in filter(None, rules):
            pattern = rule.removeprefix("!")
            parts = (path, *path.parents)
            if any(fnmatch.fnmatch(part.as_posix(), pattern.removeprefix("**/")) for part in parts):
                let_in = rule.startswith("!")
        if let_in and (ROOT / path).exists():
            yield path


def _own_way_out() -> dict[str, str]:
    passed = ("PIP_INDEX_URL", "PIP_DEFAULT_TIMEOUT", "https_proxy", "http_proxy")
    found = {name: os.environ[name] for name in passed if name in os.environ}
    return found | {"PIP_CERT": "/run/outside.crt"}


@contextmanager
def outside(root: Path) -> Iterator[None]:
    """While the body runs, the root has /proc, /dev, and this machine's way to the registries."""
    with ExitStack() as stack:
        for name, path in _OUTSIDE.items():
            inside = root / name
            if path.exists() and not inside.exists():
                shutil.copyfile(path, inside)
                stack.callback(inside.unlink)
        for name in ("proc", "dev"):
            sh("mount", "--rbind", f"/{name}", str(root / name))
            stack.callback(sh, "umount", "--recursive", "--lazy", str(root / name))
        yield


def slimmed(base: Path) -> None:
    """Make of debootstrap's root what `debian:…-slim` is: without manuals and archives."""
    excluded = [f"usr/share/{name}" for name in ("doc", "info", "lintian", "locale", "man")]
    for folder in (*excluded, "var/cache/apt", "var/lib/apt/lists"):
        shutil.rmtree(base / folder, ignore_errors=True)
    rules = "".join(f"path-exclude /{name}/*\n" for name in excluded)
    (base / "etc/dpkg/dpkg.cfg.d/docker").write_text(rules, encoding="utf-8")
    tidy = (
        'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin"; };\n'
        'Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";\n'
    )
    (base / "etc/apt/apt.conf.d/docker-clean").write_text(tidy, encoding="utf-8")


def sh(*command: str) -> None:
    subprocess.run(command, check=True)


def size(root: Path) -> str:
    """How much the files take, as `du` counts them."""
    counted = subprocess.check_output(["du", "-s", "--apparent-size", "-B1", str(root)], text=True)
    return f"{int(counted.split()[0]) / 1e6:.0f} MB"


class Container:
    """The image's command as PID 1, as its own user; only /data and /tmp can be written."""

    def __init__(self, stage: Stage, *command: str, **more: str) -> None:
        self.stage = stage
        self.environment = stage.environment | more
        data = stage.root.parent / "data"
        data.mkdir(exist_ok=True)
        os.chown(data, *self._ids())
        script = (
            'set -e; mount --bind "$0" "$0"; mount --bind "$1" "$0/data"\n'
            'mount -t proc proc "$0/proc"; mount -t tmpfs tmpfs "$0/tmp"\n'
            'mount --bind /dev "$0/dev"; mount -o remount,bind,ro "$0"; root=$0; shift\n'
            f'exec setpriv --no-new-privs /usr/sbin/chroot --userspec={stage.user} "$root"'
            ' env --chdir=/data "$@"'
        )
        apart = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script)
        self.process = subprocess.Popen(
            [*apart, str(stage.root), str(data), *stage.entry, *command], env=self.environment
        )

    def _ids(self) -> tuple[int, int]:
        user, _, group = self.stage.user.partition(":")
        return int(user), int(group)

    def first(self) -> int:
        """PID 1, as this machine knows it."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        while self.process.poll() is None:
            if found := children.read_text().split():
                return int(found[0])
            time.sleep(0.01)
        raise ChildProcessError(f"it ended with exit code {self.process.returncode}")

    def execute(self, *command: str) -> int:
        """Run something beside it; its exit code."""
        user, group = self._ids()
        inside = ("nsenter", "--target", str(self.first()), "--mount", "--pid")
        chroot = ("/usr/sbin/chroot", f"--userspec={user}:{group}", str(self.stage.root))
        done = subprocess.run([*inside, *chroot, *command], env=self.environment, check=False)
        return done.returncode

    def stop(self) -> int:
        """Send what `docker stop` sends; the exit code."""
        os.kill(self.first(), signal.SIGTERM)
        return self.process.wait(timeout=60)


def tried(stage: Stage) -> None:
    """Run it, ask for its health and for a price, write where it must not, and stop it.

    Raises:
        AssertionError: something is not as the how-to says.
    """
    with Gateway([model("gpt-5")]) as gateway:
        asked = {"PIPELLM_API_KEY": gateway.key, "PRICETRAIL_URL": gateway.url}
        container = Container(stage, *stage.command, **asked)
        try:
            deadline = time.monotonic() + 60
            while container.execute("/opt/pricetrail/bin/pricetrail", "price", "gpt-5") != 0:
                assert time.monotonic() < deadline, "no price after a minute"
                time.sleep(1)
            assert container.execute(*_found(stage.health)) == 0, "not healthy"
            touched = container.execute("/bin/touch", "/opt/pricetrail/new")
            assert touched != 0, "the root can be written"
            assert container.stop() == 0, "SIGTERM did not end it well"
        finally:
            container.process.kill()


def _found(command: list[str]) -> list[str]:
    """With its path, as an engine would look it up."""
    return [f"/opt/pricetrail/bin/{command[0]}", *command[1:]]


def main() -> None:
    """Build it, try it, say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path, help="a folder for it, 2 GB; what it held is deleted")
    work: Path = parser.parse_args().work.resolve()
    base = work / "base"
    work.mkdir(parents=True, exist_ok=True)
    if not base.exists():
        suite = parse(DOCKERFILE.read_text("utf-8"))[0].rest.partition(":")[2].partition("-")[0]
        sh("debootstrap", "--variant=minbase", suite, str(base))
        slimmed(base)
    for old in work.glob("*"):
        if old != base and old.is_dir():
            shutil.rmtree(old)
    last = Build(work, base).run()
    tried(last)
    ours = size(last.root / "opt/pricetrail")
    print(f"Debian's root: {size(base)}; with Python and pricetrail: {size(last.root)}, of which")
    print(f"/opt/pricetrail: {ours}")


if __name__ == "__main__":
    main()
