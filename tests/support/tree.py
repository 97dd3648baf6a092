"""The product's source files, for the tests that look through all of them."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# As the package's links say, so that no new folder escapes a test.
FOLDERS = sorted(path.name for path in (ROOT / "pricetrail").iterdir() if path.is_symlink())


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the product, parsed, by its path from the top."""
    paths = [path for folder in (*FOLDERS, "pricetrail") for path in (ROOT / folder).rglob("*.py")]
    # Newer Pythons may follow the links: each file counts once, where it stands.
    paths = [path for path in paths if path.resolve() == path]
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in paths
    }
