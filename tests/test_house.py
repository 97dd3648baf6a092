"""The house rules that no linter here knows: sizes, imports, and a lock that names no host."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.tree import FOLDERS, ROOT, parsed, statements

LAYERS = tuple(folder for folder in FOLDERS if folder != "migrations")
PRODUCT = (*LAYERS, "pricetrail")
OURS = {"pricetrail", "benchmarks", "tests"}
MAX_FILE, MAX_FUNCTION = 300, 50
# What a layer imports where few runs need it, to start quickly (tests/pricetrail/test_start.py).
LATE = {
    ("alerts/checks.py", "pricetrail.alerts.apprise"),
    ("audit/engines/bills.py", "pricetrail.audit.engines.audits"),
    ("audit/engines/bills.py", "pricetrail.audit.engines.duckdb"),
    ("audit/engines/bills.py", "pricetrail.audit.engines.duckdb_files"),
    ("audit/engines/bills.py", "pricetrail.audit.engines.spark_files"),
    ("catalog/dialects/registry.py", "pricetrail.catalog.dialects.readings"),
    ("jobs/deliveries/delivering.py", "pricetrail.jobs.deliveries.attempts"),
    ("jobs/deliveries/delivering.py", "pricetrail.jobs.deliveries.routing"),
    ("jobs/deliveries/delivering.py", "pricetrail.jobs.deliveries.sending"),
    ("jobs/polls/follow_up.py", "pricetrail.jobs.polls.news"),
    ("jobs/polls/follow_up.py", "pricetrail.jobs.polls.retirements"),
    ("jobs/polls/polling.py", "pricetrail.jobs.polls.bodies"),
    ("jobs/polls/polling.py", "pricetrail.storage.history.readings"),
    ("jobs/polls/recording.py", "pricetrail.storage.history.readings"),
    ("jobs/polls/recording.py", "pricetrail.storage.history.snapshots"),
    ("jobs/polls/recording.py", "pricetrail.storage.history.sunsets"),
    ("jobs/source.py", "pricetrail.catalog.readers"),
    ("storage/history/prices.py", "pricetrail.catalog.diffs"),
    ("storage/schema.py", "pricetrail.storage.partitions"),
}

# What the house has agreed on; it has fewer.
MAX_HIDDEN_IMPORTS = 80
MAX_ANYS = 200
MAX_UNMIRRORED = 30
# A module as short as this needs no test of its own.
SHORT = 30

# A line with an import, but for those at the top of a file.
_MAY_HIDE = re.compile(r"^(?!import |from ).*\bimport\b", re.MULTILINE)

# What makes a tool look away, up to the end of what it looks away from; then why.
_EXCEPTION = re.compile(
    r"# *(?:(?:ruff: |flake8: )?noqa\b(?:: *[A-Z]+[0-9]+(?:, *[A-Z]+[0-9]+)*)?"
    r"|type: ignore(?:\[[a-z, -]+\])?|pragma: no \w+|fmt: skip|nosec\b|mypy: [\w-]+)"
)
_WHY = re.compile(r" +(?:-|#) +[`\w]")
# What catches whatever goes wrong.
_BROAD = re.compile(r"^ *except\b(?: *:|.*\b(?:Base)?Exception\b)", re.MULTILINE)


def files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in statements(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_there_is_something_to_look_at() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in files(*PRODUCT)} == set(PRODUCT)


def test_no_file_is_longer_than_can_be_read_at_once() -> None:
    lines = {name(path): path.read_text(encoding="utf-8").count("\n") for path in files(*PRODUCT)}
    assert {file for file, number in lines.items() if number > MAX_FILE} == set()


def test_no_function_is_longer_than_a_page() -> None:
    found = [
        f"{name(path)}:{function.lineno} {function.name}"
        for path in files(*PRODUCT, "benchmarks")
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > MAX_FUNCTION
    ]
    assert found == []


def test_few_imports_are_inside_functions() -> None:
    """For a library that costs start-up time and is needed rarely; each says why."""
    hidden = [
        f"{name(path)}:{node.lineno}"
        for path in files(*PRODUCT, "migrations", "benchmarks", "tests")
        if _MAY_HIDE.search(path.read_text(encoding="utf-8"))
        for node in _hidden_imports(path)
    ]
    assert len(hidden) <= MAX_HIDDEN_IMPORTS, hidden


def _hidden_imports(path: Path) -> set[ast.Import | ast.ImportFrom]:
    return {
        node
        for function in functions(path)
        for node in statements(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }


def test_few_values_are_of_any_type() -> None:
    anys = [
        f"{name(path)}:{node.lineno}"
        for path in files(*PRODUCT)
        if "Any" in path.read_text(encoding="utf-8")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Name) and node.id == "Any"
    ]
    assert len(anys) <= MAX_ANYS, anys


def test_most_modules_have_a_test_that_mirrors_them() -> None:
    unmirrored = [
        name(path)
        for path in files(*PRODUCT)
        if path.read_text(encoding="utf-8").count("\n") > SHORT and not mirror(path).exists()
    ]
    assert len(unmirrored) <= MAX_UNMIRRORED, unmirrored


def mirror(path: Path) -> Path:
    """`storage/types.py` has `tests/storage/test_types.py`; a package's own module its name."""
    place = path.relative_to(ROOT)
    if place.parts[:2] in (("migrations", "versions"), ("storage", "tables")):
        # All are run, and compared with each other, by one test.
        return ROOT / "tests" / "migrations" / "test_schema.py"
    stem = place.parent.name if place.stem == "__init__" else place.stem.rstrip("_")
    return ROOT / "tests" / place.parent / f"test_{stem}.py"


def test_no_import_hides_in_a_function_to_dodge_a_circle() -> None:
    """The command line's lazy imports are the exception, as nobody imports it, and `LATE`."""
    found = {
        (name(path), module)
        for path in files(*LAYERS)
        for function in functions(path)
        for module in _imported(statements(function))
    }
    assert found == LATE
    for file, module in LATE:
        assert f"pricetrail/{file}" not in _reached(module), f"{module} imports {file} in turn"


def _imported(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Modules of ours that statements import."""
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in OURS:
            inner = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from {module if _file(module) else str(node.module) for module in inner}
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.partition(".")[0] in OURS)


def _file(module: str) -> str | None:
    path = module.replace(".", "/")
    return next((f for f in (f"{path}.py", f"{path}/__init__.py") if (ROOT / f).is_file()), None)


@cache
def _reached(module: str) -> set[str]:
    """The files that importing a module imports, but for what waits in functions."""
    known: set[str] = set()
    left = [module]
    while left:
        file = _file(left.pop())
        if file is not None and file not in known:
            known.add(file)
            left += _imported(parsed(ROOT / file).body)
    return known


def test_no_transaction_is_left_to_whoever_goes_through_rows() -> None:
    """One that gives up half way keeps it open; where it cannot be otherwise, a `with` ends it."""
    found = {
        (name(path), function.name)
        for path in files(*PRODUCT)
        if "yield" in path.read_text(encoding="utf-8")
        for function in functions(path)
        if not any("contextmanager" in ast.unparse(one) for one in function.decorator_list)
        and _yields_in_a_transaction(function)
    }
    assert found == {("queries/exports.py", "_prices"), ("queries/exports.py", "_observations")}


def _yields_in_a_transaction(function: ast.AST) -> bool:
    return any(
        isinstance(inner, ast.Yield | ast.YieldFrom)
        for node in ast.walk(function)
        if isinstance(node, ast.With)
        and re.search(r"\.(read|write|autocommit)\(", " ".join(map(ast.unparse, node.items)))
        for statement in node.body
        for inner in ast.walk(statement)
    )


def test_every_exception_from_a_rule_says_why() -> None:
    """On the same line, after a dash or as a comment of its own."""
    unexplained = [
        f"{name(path)}:{number}"
        for path in files(*PRODUCT, "migrations", "benchmarks", "tests", "docs")
        if _EXCEPTION.search(text := path.read_text(encoding="utf-8"))
        for number, line in enumerate(text.splitlines(), 1)
        if (found := _EXCEPTION.search(line)) and not _WHY.match(line, found.end())
    ]
    assert unexplained == []


def test_every_broad_except_says_why() -> None:
    """On its line, or in a comment that its block begins with."""
    unexplained = [
        f"{name(path)}:{number}"
        for path in files(*PRODUCT, "migrations", "benchmarks")
        if _BROAD.search(text := path.read_text(encoding="utf-8"))
        for number, (line, following) in enumerate(pairwise(text.splitlines()), 1)
        if _BROAD.match(line) and "#" not in line and not following.lstrip().startswith("#")
    ]
    assert unexplained == []


def test_every_log_entry_has_fields() -> None:
    """A collector of JSON logs searches by them: see docs/running.md."""
    bare = [
        f"{name(path)}:{node.lineno}"
        for path in files(*PRODUCT)
        if re.search(r"^log = ", path.read_text(encoding="utf-8"), re.MULTILINE)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and re.match(r"log\.\w+$", ast.unparse(node.func))
        and "extra" not in {keyword.arg for keyword in node.keywords}
    ]
    assert bare == []


@pytest.mark.parametrize(
    ("comment", "explained"),
    [
        ("noqa: S101 - as it is registered", True),
        ("noqa: S101", False),
        ("noqa", False),
        ("noqa: E501, S101 - ", False),
        ("type: ignore[arg-type] # scripts", True),
        ("type: ignore[arg-type, misc]", False),
        ("pragma: no cover", False),
        ("fmt: skip  # seen at once", True),
        ("fmt: skip", False),
        ("ruff: noqa: E501", False),
    ],
)
def test_a_reason_is_known_from_none(comment: str, *, explained: bool) -> None:
    line = f"x = 1  # {comment}"
    found = _EXCEPTION.search(line)
    assert found is not None
    assert bool(_WHY.match(line, found.end())) is explained


LOCKS = sorted((*ROOT.glob("requirements*.lock"), *ROOT.glob("deploy/recipes/*/*.lock")))


@pytest.mark.parametrize("lock", LOCKS, ids=name)
def test_a_lock_pins_every_package_by_hash_and_names_no_host(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    entries = text.replace("\\\n", " ").splitlines()
    assert len(entries) > 20
    for entry in entries:
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==[\w.!+-]+ ", entry), entry
        assert "--hash=sha256:" in entry
    assert not re.search(r"://|--(?:extra-)?index|--find-links|--trusted-host", text)


def test_what_is_run_has_the_versions_that_were_tested() -> None:
    run, tested = (
        set(re.findall(r"^([\w.-]+==\S+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))
        for lock in ("requirements-run.lock", "requirements.lock")
    )
    assert run < tested
    assert len(run) > 20


@pytest.mark.parametrize("lock", ["uv.lock", "pylock.toml", "package-lock.json", "poetry.lock"])
def test_no_lock_that_names_hosts_is_kept(lock: str) -> None:
    assert not list(ROOT.glob(f"[!.]*/{lock}"))
    assert not (ROOT / lock).exists()


def test_the_package_is_one_tree_by_links_to_the_folders() -> None:
    linked = {path.name: path.readlink().as_posix() for path in _links()}
    assert linked == {folder: f"../{folder}" for folder in (*LAYERS, "migrations")}


def _links() -> Iterator[Path]:
    return (path for path in (ROOT / "pricetrail").iterdir() if path.is_symlink())
