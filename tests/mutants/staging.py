"""A copy of the tree in which mutmut can work: no links, and a configuration for some modules."""

import re
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Batch:
    """Modules of one folder and the tests that import them, all by their path in the tree."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


def batches(root: Path, paths: Sequence[str]) -> Iterator[Batch]:
    """The modules behind paths or patterns, by folder."""
    by_folder: dict[Path, set[Path]] = defaultdict(set)
    for module in (module for path in paths for module in _modules(root, path)):
        by_folder[module.parent].add(module)
    for folder, modules in by_folder.items():
        place = Path("tests") / folder
        tests = {test for module in modules for test in _tests(root, place, module)}
        yield Batch(_texts(modules), _texts(tests))


def _tests(root: Path, place: Path, module: Path) -> Iterator[Path]:
    """The tests that import a module, of the folder that mirrors its own; all where none does."""
    package = ".".join(("pricetrail", *module.parent.parts))
    imported = re.compile(
        rf"^from {package}(\.{module.stem}\b| import (\w+, )*{module.stem}\b)", re.MULTILINE
    )
    files = [file.relative_to(root) for file in sorted((root / place).glob("test_*.py"))]
    found = [file for file in files if imported.search((root / file).read_text(encoding="utf-8"))]
    yield from found or [place]


def _texts(paths: set[Path]) -> tuple[str, ...]:
    return tuple(sorted(path.as_posix() for path in paths))


def _modules(root: Path, path: str) -> Iterator[Path]:
    found = False
    for place in root.glob(path.rstrip("/")):
        for file in [place] if place.is_file() else place.rglob("*.py"):
            if file.suffix == ".py" and file.name != "__init__.py":
                found = True
                yield file.relative_to(root)
    if not found:
        raise SystemExit(f"no module is at {path}")


def stage(root: Path, tree: Path, batch: Batch) -> None:
    """Write the copy, with what mutmut reads (`setup.cfg`, as `pyproject.toml` is pytest's)."""
    tree.mkdir(parents=True)
    left_out = shutil.ignore_patterns("__pycache__", "corpus")
    # The links become folders: mutmut walks into no link.
    shutil.copytree(root / "pricetrail", tree / "pricetrail", ignore=left_out)
    shutil.copytree(root / "tests", tree / "tests", ignore=left_out)
    shutil.copy(root / "pyproject.toml", tree)
    # Where the tests run: what else they read, and the rooms at the top once more.
    place = tree / "mutants"
    place.mkdir()
    for name in ("docs", "deploy", "benchmarks", "README.md", "CHANGELOG.md"):
        (place / name).symlink_to(root / name)
    for link in (root / "pricetrail").iterdir():
        if link.is_symlink():
            (place / link.name).symlink_to(Path("pricetrail") / link.name)
    (tree / "setup.cfg").write_text(_configuration(batch), encoding="utf-8")


def _configuration(batch: Batch) -> str:
    options: dict[str, Sequence[str]] = {
        "source_paths": ["pricetrail"],
        "only_mutate": [f"pricetrail/{module}" for module in batch.modules],
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "--sqlite-only"],
        "pytest_add_cli_args_test_selection": batch.tests,
        # Not a fork of the process that ran the tests: its caches would answer for the mutant.
        "process_isolation": ["forkserver"],
        "use_git_change_detection": ["false"],
        "track_dependencies": ["false"],
    }
    lines = [
        f"{name} = {values[0]}" + "".join(f"\n    {value}" for value in values[1:])
        for name, values in options.items()
    ]
    return "\n".join(["[mutmut]", *lines, ""])
