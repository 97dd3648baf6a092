"""The product's source files, for the tests that look through all of them."""

import ast
from collections.abc import Iterator
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
    return {path.relative_to(ROOT).as_posix(): parsed(path) for path in paths}


@cache
def parsed(path: Path) -> ast.Module:
    """A file of ours, parsed once for all that look through it."""
    return ast.parse(path.read_text(encoding="utf-8"))


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """What stands in a module or a function, however deep: all but expressions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
            yield child
            yield from statements(child)
