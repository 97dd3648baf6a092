"""What a command writes never takes the place of what it works with."""

import ast
import json
from collections.abc import Callable, Iterator
from itertools import cycle, product
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.cli import main
from pricetrail.storage import kept_sources
from pricetrail.storage.database import Database
from pricetrail.storage.kept_sources import Kept
from pricetrail.storage.outbox import kept_webhooks
from pricetrail.targets import apart_from
from tests.pricetrail.commands.running import made_up_history, refused, run, shown
from tests.support.tree import modules

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
CONFIG = """
[sources.s]
url = "https://gateway.example.com/v1/models"
api_key = "file:secrets/key.csv"
ca_file = "secrets/authorities.csv"

[webhooks.w]
url = "https://example.com/hook"
secrets = ["env:UNSET", "file:secrets/hook.csv"]
"""
USAGE = "time,model,prompt_tokens\n2026-03-01T10:30:00Z,gpt-5,1000\n"
INVOICE = "model,amount\ngpt-5,1\n"

# Each command that writes a file, without its target. Whoever adds one adds it here.
WRITERS = {
    "export": ("export", "--format", "csv", "-o"),
    "export events": ("export", "events", "--format", "jsonl", "-o"),
    "export parquet": ("export", "snapshots", "--format", "parquet", "-o"),
    "export observations": ("export", "observations", "-o"),
    "evidence": ("evidence", "gpt-5", "-o"),
    "backup": ("db", "backup"),
}
KEPT = {
    "pricetrail.db": "the database",
    "pricetrail.db-wal": "the database's wal",
    "pricetrail.db-journal": "the database's journal",
    "pricetrail.db-shm": "the database's shm",
    "pricetrail.toml": "the configuration",
    "secrets/key.csv": "the file of sources.s.api_key",
    "secrets/hook.csv": "the file of webhooks.w.secrets",
    "secrets/authorities.csv": "the file of sources.s.ca_file",
    "secrets/kept.csv": "the file of api_key of source s in the database",
    "secrets/kept_ca.csv": "the file of ca_file of source s in the database",
    "secrets/kept_hook.csv": "the file of secrets of webhook kept in the database",
}


def same(path: Path) -> Path:
    return path


def by_a_detour(path: Path) -> Path:
    Path("below").mkdir()
    return Path("below", "..", "secrets", "..") / path


def whole(path: Path) -> Path:
    return path.absolute()


def through_a_linked_folder(path: Path) -> Path:
    Path("elsewhere").symlink_to(path.parent.absolute())
    return Path("elsewhere", path.name)


def by_a_link(path: Path) -> Path:
    Path("link.csv").symlink_to(path.absolute())
    return Path("link.csv")


def by_a_hard_link(path: Path) -> Path:
    Path("hard.csv").hardlink_to(path)
    return Path("hard.csv")


@pytest.fixture
def history() -> Iterator[None]:
    made_up_history()
    Path("secrets").mkdir()
    for path in (path for path in map(Path, KEPT) if path.parent.name == "secrets"):
        path.write_text(f"the {path.name}\n", encoding="utf-8")
    Path("pricetrail.toml").write_text(CONFIG, encoding="utf-8")
    _keep_in_the_database()
    Path("usage.csv").write_text(USAGE, encoding="utf-8")
    Path("invoice.csv").write_text(INVOICE, encoding="utf-8")
    yield
    assert [path for path in Path().rglob(".*") if path.name.startswith(".pricetrail-")] == []


def _keep_in_the_database() -> None:
    database = Database("sqlite:///pricetrail.db")
    source = {"api_key": "file:secrets/kept.csv", "ca_file": "secrets/kept_ca.csv"}
    hook = {"url": "https://example.com/", "secrets": ["file:secrets/kept_hook.csv"]}
    with database.write() as connection:
        kept_sources.add(connection, [Kept("s", json.dumps(source))], database.now())
        kept_webhooks.add(connection, "kept", json.dumps(hook))
    database.close()


def contents() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in Path().rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("kept", "way"),
    [
        *product(KEPT, [same, by_a_detour, whole, through_a_linked_folder, by_a_link]),
        *((kept, by_a_hard_link) for kept in KEPT if "-" not in kept),
    ],
)
@pytest.mark.usefixtures("history")
def test_nothing_that_a_command_works_with_is_written_over(
    kept: str, way: Callable[[Path], Path]
) -> None:
    target = way(Path(kept))
    before = contents()
    for command, force in zip(WRITERS.values(), cycle([[], ["--force"]])):
        # --force replaces what is there, but none of these.
        said = refused(2, *command, str(target), *force)
        assert said.startswith(f"pricetrail: {Path(target)} is {KEPT[kept]}"), command
        assert said.endswith(": name another file")
        assert contents() == before


@pytest.mark.parametrize("kept", ["usage.csv", "invoice.csv", *KEPT])
@pytest.mark.usefixtures("history")
def test_an_audit_never_writes_over_its_inputs_nor_anything_else(kept: str) -> None:
    target = kept if kept.endswith(".csv") else str(by_a_link(Path(kept)))
    before = contents()
    said = refused(2, "audit", "usage.csv", "--invoice", "invoice.csv", "--out", target)
    assert f"{target} is the" in said
    assert contents() == before


@pytest.mark.usefixtures("history")
def test_what_is_read_through_a_name_of_the_system_is_an_input_too() -> None:
    with Path("usage.csv").open("rb") as usage:
        said = refused(2, "audit", f"/proc/self/fd/{usage.fileno()}", "--out", "usage.csv")
    assert "is the usage file" in said
    assert Path("usage.csv").read_text(encoding="utf-8") == USAGE


@pytest.mark.usefixtures("history")
def test_the_files_of_another_configuration_are_kept_wherever_the_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRICETRAIL_CONFIG", str(tmp_path / "pricetrail.toml"))
    Path("below").mkdir()
    monkeypatch.chdir("below")
    for kept, what in KEPT.items():
        assert f"is {what} (" in refused(2, "export", "-o", f"../{kept}", "--format", "csv")
    shown("export", "-o", "prices.csv")


def test_a_configuration_that_is_yet_to_be_is_no_target_either() -> None:
    made_up_history()
    assert "is the configuration" in refused(2, "export", "-o", "pricetrail.toml")
    assert not Path("pricetrail.toml").exists()


@pytest.mark.usefixtures("history")
def test_a_file_that_is_there_is_replaced_by_force_alone() -> None:
    writers = [*WRITERS.values(), ("audit", "usage.csv", "-o"), ("audit", "usage.csv", "--out")]
    for number, command in enumerate(writers):
        target = Path(f"{number}.{'json' if 'evidence' in command else 'jsonl'}")
        if "csv" in command or "parquet" in command:
            target = target.with_suffix("")
        target.write_text("mine", encoding="utf-8")
        said = refused(2, *command, str(target))
        assert said == f"pricetrail: {target} already exists: name another file, or say --force"
        assert target.read_text(encoding="utf-8") == "mine"
        assert run(*command, str(target), "--force")[0] == 0
        assert not target.read_bytes().startswith(b"mine")


@pytest.mark.usefixtures("history")
def test_a_dash_is_standard_output_and_nothing_else_goes_there() -> None:
    assert json.loads(shown("evidence", "gpt-5", "-o", "-"))["claim"]["model"] == "gpt-5"
    assert shown("export", "-o", "-").startswith("source,model")
    code, out, err = run("audit", "usage.csv", "-o", "-")
    assert (code, out.splitlines()[0].split(",")[:2]) == (0, ["line", "model"])
    assert len(out.splitlines()) == 2
    assert "gpt-5" in err
    for command in ("evidence", "gpt-5"), ("audit", "usage.csv"):
        assert "both write to standard output" in refused(2, *command, "-o", "-", "--json")
    assert "name one" in refused(2, "db", "backup", "-")
    assert not Path("-").exists()


@pytest.mark.usefixtures("history")
def test_a_name_that_says_another_format_is_refused() -> None:
    for command in ("evidence", "gpt-5"), ("export", "--as", "litellm"):
        for name in ("x.csv", "x.jsonl.gz", "x.PARQUET", "x.xlsx"):
            assert "is another format: name it .json" in refused(2, *command, "-o", name)
    assert "make them agree" in refused(2, "export", "--format", "csv", "-o", "x.xlsx")


def test_a_folder_is_no_target() -> None:
    made_up_history()
    Path("folder.csv").mkdir()
    for command in WRITERS.values():
        for target in ("folder.csv", ""):
            code, out, err = run(*command, target)
            assert (code, out) == (2, ""), err


def test_a_demo_leaves_the_configured_database_alone() -> None:
    text = 'database_url = "sqlite:///pricetrail-demo.db"\n'
    Path("pricetrail.toml").write_text(text, encoding="utf-8")
    assert "is the database" in refused(2, "demo", "--keep")
    assert not Path("pricetrail-demo.db").exists()


def test_a_configuration_is_not_written_where_its_database_goes() -> None:
    assert "is the database" in refused(2, "--config", "pricetrail.db", "init")
    assert not Path("pricetrail.db").exists()


def test_a_folder_among_the_inputs_stands_for_all_below_it() -> None:
    Path("dated/2026").mkdir(parents=True)
    Path("link").symlink_to("dated/2026")
    for target in ("dated/x.csv", "dated/2026/x.csv", "link/x.csv"):
        with pytest.raises(InvalidInputError, match="is the folder of dated files"):
            apart_from(Path(target), [("the folder of dated files", Path("dated"))])
    assert apart_from(Path("dated.csv"), [("the folder", Path("dated"))]) == Path("dated.csv")


_NAMES = st.text("aA.é-_", min_size=1, max_size=8).filter(lambda name: name.strip("."))


@given(name=_NAMES, other=_NAMES, exists=st.booleans(), linked=st.booleans())
def test_exactly_the_names_of_one_file_are_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str, other: str, exists: bool, linked: bool
) -> None:
    folder = tmp_path_factory.mktemp("any")
    kept, target = folder / name, folder / other
    if exists:
        kept.touch()
    if linked and name != other:
        target.symlink_to(kept)
    expected = linked or name == other or (not exists and name.casefold() == other.casefold())
    try:
        apart_from(target, [("kept", kept)])
    except InvalidInputError:
        assert expected
    else:
        assert not expected


# Who opens a file for writing, or takes a name away: the one place that does it safely, an
# empty database, and a folder of one's own for a moment.
_OPENS = {
    # In a folder of its own making, for git to work in.
    "jobs/imports/repositories.py",
    # Links to what is read, and what spills, in folders of their own making.
    "audit/engines/duckdb.py",
    "audit/engines/spark_session.py",
    "files/atomic.py",
    "storage/sqlite_files.py",
}
_WRITING = {"write_text", "write_bytes", "touch", "hardlink_to", "symlink_to", "rename", "mkstemp"}


def test_every_writer_goes_through_the_one_place_that_is_safe() -> None:
    found = {name for name, module in modules().items() if any(map(_writes, ast.walk(module)))}
    assert found == _OPENS


def _writes(node: ast.AST) -> bool:
    """Whether a call makes a file: by its name, or by a mode such as "w" or "xb"."""
    if isinstance(node, ast.Attribute) and node.attr == "O_CREAT":
        return True
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in _WRITING:
        # A path's own takes the new name alone; a source's takes more.
        return name != "rename" or len(node.args) == 1
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    modes = {arg.value for arg in given if isinstance(arg, ast.Constant)}
    return name == "open" and any(map(_is_writing_mode, modes))


def _is_writing_mode(mode: object) -> bool:
    return isinstance(mode, str) and bool(set(mode) & set("wxa+")) and set(mode) <= set("rwxabt+")


# Every file or folder that a command is told of; whoever adds one says which it is, and a target
# goes among the writers above, too.
_READ = {
    "audit usage",
    "audit invoice",
    "whatif usage",
    "usage import files",
    "import files",
    "convert file",
    "check-map file",
    "evidence check file",
    "sources apply file",
}
_WRITTEN = {"audit output", "export output", "evidence make output", "db backup file"}


def test_each_path_that_a_command_takes_is_known_as_read_or_written() -> None:
    assert set(_paths("", main)) == {" config"} | _READ | _WRITTEN


def _paths(name: str, command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        if isinstance(parameter.type, click.Path):
            yield f"{name} {parameter.name}"
    if isinstance(command, click.Group):
        context = click.Context(command)
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            assert found is not None
            yield from _paths(f"{name} {inner}".strip(), found)


def test_only_one_module_says_that_a_target_is_allowed() -> None:
    found = {
        name
        for name, module in modules().items()
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Target"
    }
    assert found == {"pricetrail/targets.py"}
