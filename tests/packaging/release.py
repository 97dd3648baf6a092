"""`make release`: the wheel, the sdist and what is in them (an SBOM), checked, in `dist/`.

`python -m tests.packaging.release FOLDER`, where FOLDER has `cyclonedx-py` and `twine`.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from pricetrail.storage.schema import HEAD
from pricetrail.version import VERSION
from tests.migrations.released import FOLDER, recorded
from tests.packaging.changelog import missing

ROOT = Path(__file__).resolve().parents[2]
# What is installed to run it: of each extra too, so that the list has all that may be there.
LOCK = "requirements-run.lock"
_DYNAMIC = 'dynamic = ["version"]'


def problem(root: Path) -> str | None:
    """What keeps this checkout from being released; None where nothing does."""
    command = ("git", "-C", str(root), "status", "--porcelain")
    changed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    if changed:
        return f"commit or remove first what git does not know as it is:\n{changed.rstrip()}"
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    try:
        return missing(changelog, VERSION) or _fixture_missing()
    except ValueError as error:
        return f"CHANGELOG.md: {error}"


def _fixture_missing() -> str | None:
    if (FOLDER / VERSION).is_dir() and recorded(VERSION)["schema"] == HEAD:
        return None
    return f"no database of schema {HEAD} is kept for {VERSION}: run `make release-fixture`"


def release(root: Path, tools: Path) -> Path:
    """Build and check; the folder with what can be published. Nothing is there if a check fails."""
    dist = root / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    try:
        _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(dist), str(root))
        _list_contents(root, tools, dist / f"pricetrail-{VERSION}.cdx.json")
        packages = [*dist.glob("*.whl"), *dist.glob("*.tar.gz")]
        _run(str(tools / "twine"), "check", "--strict", *map(str, packages))
    except subprocess.CalledProcessError:
        shutil.rmtree(dist, ignore_errors=True)
        raise
    return dist


def _list_contents(root: Path, tools: Path, target: Path) -> None:
    with TemporaryDirectory() as folder:
        # The tool takes the version from there alone, where ours is in the package.
        project = Path(folder) / "pyproject.toml"
        text = (root / "pyproject.toml").read_text(encoding="utf-8")
        project.write_text(text.replace(_DYNAMIC, f'version = "{VERSION}"', 1), encoding="utf-8")
        lock, made = str(root / LOCK), str(target)
        options = ("--pyproject", str(project), "--output-reproducible", "-o", made)
        _run(str(tools / "cyclonedx-py"), "requirements", lock, *options)


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def main(tools: str) -> int:
    """Release this checkout; the exit code."""
    found = problem(ROOT)
    if found is not None:
        print(f"pricetrail {VERSION} cannot be released: {found}", file=sys.stderr)
        return 1
    for path in sorted(release(ROOT, Path(tools)).iterdir()):
        print(path.relative_to(ROOT), f"{path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
