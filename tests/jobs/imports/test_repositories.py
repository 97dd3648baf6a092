"""Repositories that somebody else made: nothing of theirs is obeyed, and none is half read."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.jobs.imports import git
from pricetrail.jobs.imports.observations import Item, Observation
from tests.support.volume import examples

pytestmark = pytest.mark.slow

FILE = "prices/models.json"
_START = 1_795_000_000


def content(number: int) -> str:
    return f'{{"object":"list","data":[{{"id":"m{number}"}}],"total":1}}\n'


def run(*arguments: str, at: int = _START, given: str | None = None, folder: str = "r") -> str:
    moment = f"{at} +0530"
    done = subprocess.run(
        ["git", "-C", folder, "-c", "user.name=n", "-c", "user.email=e@example.org", *arguments],
        check=True,
        capture_output=True,
        input=given,
        encoding="utf-8",
        env=os.environ | {"GIT_AUTHOR_DATE": "2001-01-01T00:00:00Z", "GIT_COMMITTER_DATE": moment},
    )
    return done.stdout.strip()


def commit(number: int, folder: str = "r") -> None:
    file = Path(folder) / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content(number), encoding="utf-8")
    run("add", "--all", folder=folder)
    run("commit", "-q", "-m", "x", at=_START + 60 * number, folder=folder)


def make(folder: str = "r", commits: int = 3, *options: str) -> None:
    Path(folder).mkdir()
    run("init", "-q", "-b", "main", *options, folder=folder)
    for number in range(commits):
        commit(number, folder)


def signed() -> None:
    """One more commit, with a signature that somebody would have to check."""
    tree = run("write-tree")
    parent = run("rev-parse", "HEAD")
    text = (
        f"tree {tree}\nparent {parent}\nauthor n <e@example.org> {_START} +0000\n"
        f"committer n <e@example.org> {_START + 180} +0000\n"
        "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----\n\nx\n"
    )
    run("update-ref", "HEAD", run("hash-object", "-t", "commit", "-w", "--stdin", given=text))


def read(folder: str = "r", path: str = FILE) -> list[Item]:
    return list(git.read(Path(folder), git.history(Path(folder), path)))


def seen(folder: str = "r", path: str = FILE) -> list[tuple[int, str]]:
    items = read(folder, path)
    assert all(isinstance(item, Observation) for item in items), items
    return [
        (int(item.observed_at.timestamp()) - _START, item.body.decode())
        for item in items
        if isinstance(item, Observation)
    ]


def expected(*numbers: int) -> list[tuple[int, str]]:
    return [(60 * number, content(number)) for number in numbers]


@pytest.fixture
def canary() -> Iterator[str]:
    """A program that leaves a file behind where it is run; none may be there afterwards."""
    trace = Path("canary").resolve()
    program = Path("program").resolve()
    program.write_text(f"#!/bin/sh\necho run >> {trace}\nexit 0\n", encoding="ascii")
    program.chmod(0o755)
    yield str(program)
    assert not trace.exists()


# What a repository, or its owner, may have set. PROGRAM leaves a trace where it is run.
SETTINGS: dict[str, tuple[str, ...]] = {
    "log.showSignature": ("true",),
    "gpg.program": ("PROGRAM",),
    "gpg.ssh.program": ("PROGRAM",),
    "gpg.format": ("ssh", "x509", "openpgp"),
    "log.date": ("relative", "format:%Y", "human"),
    "log.follow": ("true",),
    "log.decorate": ("full",),
    "log.diffMerges": ("off", "combined"),
    "log.showRoot": ("false",),
    "log.mailmap": ("true",),
    "format.pretty": ("oneline", "format:%n%n"),
    "format.notes": ("*",),
    "diff.external": ("PROGRAM",),
    "diff.noprefix": ("true",),
    "diff.orderFile": ("/nowhere",),
    "diff.ignoreSubmodules": ("all",),
    "diff.renames": ("copies",),
    "diff.relative": ("true",),
    "diff.custom.textconv": ("PROGRAM",),
    "diff.custom.command": ("PROGRAM",),
    "filter.custom.smudge": ("PROGRAM",),
    "filter.custom.process": ("PROGRAM",),
    "core.pager": ("PROGRAM",),
    "pager.rev-list": ("PROGRAM",),
    "pager.log": ("PROGRAM",),
    "pager.cat-file": ("PROGRAM",),
    "alias.rev-list": ("!PROGRAM",),
    "alias.log": ("!PROGRAM",),
    "alias.cat-file": ("!PROGRAM",),
    "core.fsmonitor": ("PROGRAM",),
    "core.hooksPath": ("/nowhere",),
    "core.sshCommand": ("PROGRAM",),
    "core.gitProxy": ("PROGRAM",),
    "core.askPass": ("PROGRAM",),
    "core.editor": ("PROGRAM",),
    "core.alternateRefsCommand": ("PROGRAM",),
    "core.attributesFile": ("/nowhere",),
    "core.quotePath": ("false", "true"),
    "core.worktree": ("/", "/nowhere"),
    "core.bare": ("true", "false", "rubbish"),
    "core.abbrev": ("4",),
    "core.commitGraph": ("true",),
    "core.repositoryFormatVersion": ("0", "1", "99"),
    "core.useReplaceRefs": ("true",),
    "core.ignoreCase": ("true",),
    "core.precomposeUnicode": ("true",),
    "core.warnAmbiguousRefs": ("true",),
    "i18n.logOutputEncoding": ("utf-16", "latin1"),
    "i18n.commitEncoding": ("utf-16",),
    "include.path": ("/nowhere", "config"),
    "includeIf.gitdir:/.path": ("/nowhere",),
    "extensions.unknown": ("true",),
    "extensions.partialClone": ("origin",),
    "extensions.worktreeConfig": ("true",),
    "remote.origin.promisor": ("true",),
    "remote.origin.url": ("ext::PROGRAM",),
    "remote.origin.uploadpack": ("PROGRAM",),
    "remote.origin.vcs": ("PROGRAM",),
    "protocol.allow": ("always",),
    "protocol.ext.allow": ("always",),
    "credential.helper": ("!PROGRAM",),
    "uploadpack.packObjectsHook": ("PROGRAM",),
    "safe.directory": ("",),
    "trace2.eventTarget": ("/nowhere",),
}
# What a hook of another repository, or a person, has in the environment.
VARIABLES: dict[str, tuple[str, ...]] = {
    "GIT_DIR": ("OTHER/.git", "/nowhere"),
    "GIT_WORK_TREE": ("OTHER",),
    "GIT_COMMON_DIR": ("OTHER/.git",),
    "GIT_INDEX_FILE": ("OTHER/.git/index", "/nowhere"),
    "GIT_OBJECT_DIRECTORY": ("OTHER/.git/objects",),
    "GIT_ALTERNATE_OBJECT_DIRECTORIES": ("OTHER/.git/objects",),
    "GIT_NAMESPACE": ("elsewhere",),
    "GIT_PREFIX": ("prices/",),
    "GIT_CEILING_DIRECTORIES": ("/",),
    "GIT_REPLACE_REF_BASE": ("refs/heads/",),
    "GIT_GRAFT_FILE": ("OTHER/graft",),
    "GIT_SHALLOW_FILE": ("OTHER/graft",),
    "GIT_EXTERNAL_DIFF": ("PROGRAM",),
    "GIT_PAGER": ("PROGRAM",),
    "GIT_SSH": ("PROGRAM",),
    "GIT_SSH_COMMAND": ("PROGRAM",),
    "GIT_ASKPASS": ("PROGRAM",),
    "GIT_PROXY_COMMAND": ("PROGRAM",),
    "GIT_TRACE": ("1", "2"),
    "GIT_TRACE2_EVENT": ("1",),
    "GIT_TRACE_SETUP": ("1",),
    "GIT_LITERAL_PATHSPECS": ("0",),
    "GIT_GLOB_PATHSPECS": ("1",),
    "GIT_ICASE_PATHSPECS": ("1",),
    "GIT_CONFIG_GLOBAL": ("HOSTILE",),
    "GIT_CONFIG_SYSTEM": ("HOSTILE",),
    "GIT_CONFIG_PARAMETERS": ("'log.showsignature=true'",),
    "GIT_EXEC_PATH": ("/nowhere",),
    "GIT_DEFAULT_HASH": ("sha256",),
    "GIT_REF_PARANOIA": ("0",),
    "GIT_DIFF_OPTS": ("--unified=0",),
    "GIT_NO_REPLACE_OBJECTS": ("0",),
}


def _some(table: dict[str, tuple[str, ...]]) -> st.SearchStrategy[dict[str, str]]:
    pairs = [st.tuples(st.just(name), st.sampled_from(values)) for name, values in table.items()]
    return st.lists(st.one_of(pairs), max_size=12).map(dict)


def _config(program: str, chosen: dict[str, str]) -> str:
    lines = []
    for name, value in chosen.items():
        section, _, rest = name.partition(".")
        middle, _, key = rest.rpartition(".")
        head = f'[{section} "{middle}"]' if middle else f"[{section}]"
        lines.append(f"{head}\n\t{key} = {value.replace('PROGRAM', program)}\n")
    return "".join(lines)


ALL = {name: values[0] for name, values in SETTINGS.items()}
EVERYTHING = {name: values[0] for name, values in VARIABLES.items()}


def hostile(program: str, chosen: dict[str, str], variables: dict[str, str]) -> dict[str, str]:
    """Set all that in the repository; and the environment to read it in."""
    text = _config(program, chosen)
    plain = "[core]\n\trepositoryformatversion = 0\n"
    Path("r/.git/config").write_text(plain + text, encoding="utf-8")
    Path("hostile").write_text(_config(program, ALL), encoding="utf-8")
    places = {"OTHER": str(Path("other").resolve()), "HOSTILE": str(Path("hostile").resolve())}
    places["PROGRAM"] = program
    found = dict(variables)
    for word, place in places.items():
        found = {name: value.replace(word, place) for name, value in found.items()}
    return found


@pytest.fixture
def two_repositories() -> None:
    make()
    signed()
    Path("r/.gitattributes").write_text("*.json diff=custom filter=custom\n", encoding="ascii")
    Path("r/.git/info/attributes").write_text("* diff=custom filter=custom\n", encoding="ascii")
    make("other", 1)


@settings(
    max_examples=examples(15),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(_some(SETTINGS), _some(VARIABLES))
def test_no_setting_and_no_variable_changes_what_is_read_or_runs_anything(
    two_repositories: None, canary: str, chosen: dict[str, str], variables: dict[str, str]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in hostile(canary, chosen, variables).items():
            patch.setenv(name, value)
        assert seen() == expected(0, 1, 2)


def test_all_settings_and_variables_at_once_change_nothing(
    two_repositories: None, canary: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in hostile(canary, ALL, EVERYTHING).items():
        monkeypatch.setenv(name, value)
    assert seen() == expected(0, 1, 2)


def test_settings_by_number_in_the_environment_are_not_obeyed(
    two_repositories: None, canary: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = ALL.items()
    for number, (name, value) in enumerate(chosen):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", name)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value.replace("PROGRAM", canary))
    monkeypatch.setenv("GIT_CONFIG_COUNT", str(len(chosen)))
    assert seen() == expected(0, 1, 2)


def test_settings_that_git_cannot_read_do_not_matter(canary: str) -> None:
    make()
    Path("r/.git/config").write_text('[core\n\tbroken = "\n', encoding="ascii")
    assert seen() == expected(0, 1, 2)


def test_a_signature_is_not_checked_and_the_commits_time_is_its_own(canary: str) -> None:
    make()
    run("config", "log.showSignature", "true")
    run("config", "gpg.program", canary)
    (Path("r") / FILE).write_text(content(3), encoding="utf-8")
    run("add", "--all")
    signed()
    assert seen() == expected(0, 1, 2, 3)


@pytest.mark.parametrize("lacking", ["blob:none", "tree:0", "blob:limit=10"])
def test_what_a_partial_clone_lacks_is_not_fetched_but_named(canary: str, lacking: str) -> None:
    make("origin")
    run("config", "uploadpack.allowFilter", "true", folder="origin")
    options = ("-q", "--no-checkout", f"--filter={lacking}")
    run("clone", *options, f"file://{Path('origin').resolve()}", "r", folder=".")
    run("config", "remote.origin.url", f"ext::{canary}")
    run("config", "remote.origin.uploadpack", canary)
    run("config", "protocol.ext.allow", "always")
    with pytest.raises(
        InvalidInputError, match="partial clone: fetch the rest with `git -C r fetch"
    ):
        read()
    run("config", "remote.origin.url", f"file://{Path('origin').resolve()}")
    run("config", "--unset", "remote.origin.uploadpack")
    run("fetch", "-q", "--refetch", "--no-filter")
    assert seen() == expected(0, 1, 2)


@pytest.mark.parametrize("depth", [1, 2])
def test_a_shallow_clone_is_refused_until_the_rest_is_there(depth: int) -> None:
    make("origin")
    origin = f"file://{Path('origin').resolve()}"
    run("clone", "-q", f"--depth={depth}", origin, "r", folder=".")
    with pytest.raises(InvalidInputError, match=r"shallow clone.*git -C r fetch --unshallow"):
        read()
    run("worktree", "add", "-q", "--detach", "../tree")
    with pytest.raises(InvalidInputError, match="shallow clone"):
        read("tree")
    run("fetch", "-q", "--unshallow")
    assert seen() == seen("tree") == expected(0, 1, 2)


def test_a_history_cut_off_without_a_word_is_refused() -> None:
    make("origin")
    run("clone", "-q", "--depth=1", f"file://{Path('origin').resolve()}", "r", folder=".")
    Path("r/.git/shallow").unlink()
    with pytest.raises(InvalidInputError, match="is the clone a whole one"):
        read()


def test_a_commit_that_takes_too_much_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    make()
    run("commit", "-q", "--allow-empty", "-F", "-", given="x" * 9_000_000)
    assert seen() == expected(0, 1, 2)
    monkeypatch.setattr("pricetrail.jobs.imports.repositories._MEMORY", "8m")
    with pytest.raises(
        InvalidInputError, match=r"git cannot read r: fatal: attempting to allocate"
    ):
        read()


def test_replaced_and_grafted_commits_are_read_as_they_were_made() -> None:
    make()
    run("replace", "HEAD~1", run("commit-tree", "HEAD^{tree}", "-m", "forged", at=_START + 61))
    Path("r/.git/info/grafts").write_text(run("rev-parse", "HEAD") + "\n", encoding="ascii")
    assert seen() == expected(0, 1, 2)


def test_a_commit_graph_that_tells_other_times_is_not_asked() -> None:
    make()
    run("commit-graph", "write", "--reachable")
    graph = Path("r/.git/objects/info/commit-graph")
    graph.chmod(0o644)
    packed = graph.read_bytes()
    forged = packed.replace((_START + 60).to_bytes(4, "big"), (_START + 61).to_bytes(4, "big"))
    assert forged != packed
    graph.write_bytes(forged)
    assert seen() == expected(0, 1, 2)


@pytest.mark.parametrize("kind", ["sha1", "sha256"], ids=["the usual hashes", "the longer hashes"])
def test_bare_repositories_work_trees_and_gitfiles_are_read(kind: str) -> None:
    make("r", 3, f"--object-format={kind}")
    run("clone", "-q", "--bare", ".", "../bare.git")
    run("worktree", "add", "-q", "-b", "side", "../tree", "HEAD~1")
    run("init", "-q", "--separate-git-dir", "../apart", ".")
    run("pack-refs", "--all")
    for folder, path in (
        ("bare.git", FILE),
        ("r", FILE),
        ("apart", FILE),
        ("r/prices", "models.json"),
    ):
        assert seen(folder, path) == expected(0, 1, 2)
    # A work tree has a HEAD of its own.
    Path("tree/.git").write_text(f"gitdir: {Path('apart/worktrees/tree').resolve()}\n")
    assert seen("tree") == expected(0, 1)


def test_a_clone_that_borrows_its_objects_is_read() -> None:
    make()
    run("clone", "-q", "--shared", ".", "../shared clone")
    commit(3, "shared clone")
    assert seen("shared clone") == expected(0, 1, 2, 3)


def test_a_submodule_is_the_repository_that_is_named() -> None:
    make("inner")
    make("r", 1)
    inner = str(Path("inner").resolve())
    run("-c", "protocol.file.allow=always", "submodule", "add", "-q", inner, "sub")
    run("commit", "-q", "-m", "x", at=_START + 600)
    assert seen("r/sub") == expected(0, 1, 2)
    with pytest.raises(InvalidInputError, match="sub is a submodule"):
        read("r", "sub")


def test_a_broken_repository_is_not_mistaken_for_the_one_around_it() -> None:
    make()
    Path("r/prices/.git").mkdir()
    with pytest.raises(InvalidInputError, match=r"prices/\.git is not a git repository"):
        read("r/prices", "models.json")


def test_a_plain_folder_has_the_history_of_its_own_files_alone() -> None:
    make()
    Path("r/plain").mkdir()
    Path("r/models.json").write_text(content(7), encoding="utf-8")
    run("add", "--all")
    run("commit", "-q", "-m", "x", at=_START + 600)
    with pytest.raises(InvalidInputError, match=r"no commit of r/plain has a file models\.json"):
        read("r/plain", "models.json")


def test_a_repository_of_somebody_else_is_read(canary: str) -> None:
    make()
    # Only root may give files away; anybody else reads what is their own.
    mine = os.geteuid() != 0
    for path in () if mine else (Path("r"), *Path("r").rglob("*")):
        os.chown(path, 65534, 65534, follow_symlinks=False)
    assert seen() == expected(0, 1, 2)


def test_a_repository_without_a_commit_is_told_so() -> None:
    make("r", 0)
    with pytest.raises(InvalidInputError, match="HEAD is no commit yet"):
        read()


@pytest.mark.parametrize("path", ["", ".", "/", "./", "//", "..", "../models.json", "a/../b.json"])
def test_what_is_no_path_of_a_file_is_refused(path: str) -> None:
    make("r", 1)
    with pytest.raises(InvalidInputError, match="is not the path of a file in a repository"):
        read("r", path)
    with pytest.raises(InvalidInputError, match="is not the path of a file in a repository"):
        read("r", f"{Path('r').resolve()}/{FILE}")


@pytest.mark.parametrize(
    "path",
    [
        *(":(glob)**/*.json", ":/prices/models.json", ":!x", ":(top)prices/models.json", "*.json"),
        *("prices/*", "prices/MODELS.json", "-", "--all", "--output=canary", "HEAD", "\n"),
    ],
)
def test_a_path_is_a_path_and_nothing_else(path: str, canary: str) -> None:
    make("r", 1)
    with pytest.raises(InvalidInputError, match="no commit of r has a file"):
        read("r", path)


@pytest.mark.parametrize("name", ["--all", ":(glob)*.json", "a\nb.json", "*", "é \t\"'.json"])
def test_a_file_of_any_name_is_read(name: str) -> None:
    make("r", 1)
    (Path("r") / name).write_text(content(5), encoding="utf-8")
    run("add", "--all")
    run("commit", "-q", "-m", "x", at=_START + 300)
    assert seen("r", name) == seen("r", f"./{name}") == expected(5)


def test_git_is_never_taken_from_the_current_folder(
    canary: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make()
    Path("git").symlink_to(canary)
    for first in (".", ""):
        monkeypatch.setenv("PATH", f"{first}{os.pathsep}{os.environ['PATH']}")
        assert seen() == expected(0, 1, 2)
    monkeypatch.setenv("PATH", ".")
    with pytest.raises(InvalidInputError, match="no `git` on this machine"):
        read()


@pytest.mark.parametrize("seconds", ["0", "99999999999999", "rubbish"])
def test_a_commit_whose_date_is_none_is_named(seconds: str) -> None:
    make("r", 1)
    text = (
        f"tree {run('rev-parse', 'HEAD^{tree}')}\nauthor n <e@example.org> 1 +0000\n"
        f"committer n <e@example.org> {seconds} +0000\n\nx\n"
    )
    made = run("hash-object", "-t", "commit", "-w", "--literally", "--stdin", given=text)
    run("update-ref", "HEAD", made)
    commit(1)
    first, second = read()
    assert "the date of its commit cannot be read" in str(first)
    assert isinstance(second, Observation)


def test_nothing_is_left_of_the_folder_that_git_ran_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make()
    kept = tmp_path / "temporary"
    kept.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(kept))
    assert len(read()) == 3
    next(git.read(Path("r"), git.history(Path("r"), FILE)))
    assert list(kept.iterdir()) == []
    assert run("status", "--short") == ""
