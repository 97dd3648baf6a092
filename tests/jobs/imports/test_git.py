"""The history of a file in a real git repository."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.times import rfc3339
from pricetrail.jobs.imports import git
from pricetrail.jobs.imports.observations import Item, Observation, Pause, Unreadable

pytestmark = pytest.mark.slow

Commit = Callable[..., None]


def catalog(name: str) -> str:
    return f'{{"object":"list","data":[{{"id":"{name}"}}],"total":1}}\n'


def run(*arguments: str, at: int = 0) -> None:
    moment = f"{1_795_000_000 + at} +0200"
    subprocess.run(
        ["git", "-c", "user.name=n", "-c", "user.email=e@example.org", *arguments],
        check=True,
        capture_output=True,
        env=os.environ | {"GIT_AUTHOR_DATE": "2001-01-01T00:00:00Z", "GIT_COMMITTER_DATE": moment},
    )


@pytest.fixture
def commit() -> Commit:
    """Commits files (None: deletes one) in a new repository in the current folder."""
    run("init", "-q", "-b", "main", ".")

    def make(at: int, /, **files: str | None) -> None:
        for name, content in files.items():
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink()
            else:
                path.write_text(content, encoding="utf-8")
        run("add", "--all")
        run("commit", "-q", "--allow-empty", "-m", "x", at=at)

    return make


def read(path: str = "models.json", repository: str = ".") -> list[Item]:
    return list(git.read(Path(repository), git.history(Path(repository), path)))


def seen(items: list[Item]) -> list[tuple[str, bytes]]:
    return [
        (rfc3339(item.observed_at), item.body) for item in items if isinstance(item, Observation)
    ]


def test_every_commit_that_changed_the_file_is_an_observation(commit: Commit) -> None:
    commit(0, other="1")
    commit(60, **{"models.json": catalog("a")})
    commit(120, other="2")
    commit(180, **{"models.json": catalog("b")})
    items = read()
    assert seen(items) == [
        ("2026-11-18T11:07:40Z", catalog("a").encode()),
        ("2026-11-18T11:09:40Z", catalog("b").encode()),
    ]
    assert items[0].origin.startswith(".@")
    assert items[0].origin.endswith(":models.json")


def test_a_file_that_was_deleted_pauses_the_history(commit: Commit) -> None:
    commit(0, **{"models.json": catalog("a")})
    commit(60, **{"models.json": None})
    commit(120, **{"models.json": catalog("a")})
    assert [type(item) for item in read()] == [Observation, Pause, Observation]


def test_a_commit_that_leaves_the_content_alone_is_none(commit: Commit) -> None:
    commit(0, **{"models.json": catalog("a")})
    Path("models.json").chmod(0o755)
    commit(60)
    assert len(read()) == 1


def test_commits_of_one_second_keep_their_order(commit: Commit) -> None:
    for name in "abc":
        commit(0, **{"models.json": catalog(name)})
    times = [time for time, _ in seen(read())]
    assert times == ["2026-11-18T11:06:40Z", "2026-11-18T11:06:40.001Z", "2026-11-18T11:06:40.002Z"]


def test_a_commit_dated_before_its_parent_is_named(commit: Commit) -> None:
    commit(100, **{"models.json": catalog("a")})
    commit(0, **{"models.json": catalog("b")})
    commit(200, **{"models.json": catalog("c")})
    items = read()
    assert [type(item) for item in items] == [Observation, Unreadable, Observation]
    assert "dated before the one that it follows" in str(items[1])


def test_side_branches_count_when_they_are_merged(commit: Commit) -> None:
    commit(0, **{"models.json": catalog("a")})
    run("checkout", "-q", "-b", "side")
    commit(60, **{"models.json": catalog("b")})
    run("checkout", "-q", "main")
    commit(90, other="1")
    run("merge", "-q", "--no-ff", "-m", "m", "side", at=120)
    assert [time for time, _ in seen(read())] == ["2026-11-18T11:06:40Z", "2026-11-18T11:08:40Z"]


def test_paths_may_be_anything_that_git_takes(commit: Commit) -> None:
    name = "prices/größe *.json"
    commit(0, **{name: catalog("a"), "prices/größe x.json": catalog("no")})
    assert seen(read(name)) == seen(read("größe *.json", "prices"))
    assert len(read(name)) == 1


def test_a_bare_repository_will_do(commit: Commit) -> None:
    commit(0, **{"models.json": catalog("a")})
    run("clone", "-q", "--bare", ".", "bare.git")
    assert len(read(repository="bare.git")) == 1


def test_content_that_is_no_document_is_named(commit: Commit) -> None:
    commit(0, **{"models.json": "version https://git-lfs.github.com/spec/v1\n"})
    (item,) = read()
    assert isinstance(item, Unreadable)
    assert "begins with 'version" in item.reason


def test_a_file_of_several_kilobytes_arrives_whole(commit: Commit) -> None:
    text = catalog("x" * 500).replace("\n", "\n" * 300_000)
    commit(0, **{"models.json": text})
    commit(60, **{"models.json": catalog("b")})
    assert [body for _, body in seen(read())] == [text.encode(), catalog("b").encode()]


def test_progress_counts_commits(commit: Commit) -> None:
    commit(0, **{"models.json": catalog("a")})
    commit(60, **{"models.json": catalog("b")})
    counted: list[int] = []
    commits = git.history(Path(), "models.json")
    list(git.read(Path(), commits, counted.append))
    assert sum(counted) == len(commits) == 2


def test_a_path_that_no_commit_has_is_refused(commit: Commit) -> None:
    commit(0, **{"models.json": catalog("a"), "prices/a.json": "1", "prices/b.json": "2"})
    with pytest.raises(InvalidInputError, match=r"no commit of \. has a file model\.json"):
        read("model.json")
    with pytest.raises(InvalidInputError, match=r"prices in \. is a folder"):
        read("prices")


def test_what_is_no_repository_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"git cannot read \.: not a git repository"):
        read()
    with pytest.raises(InvalidInputError, match="nowhere is not a folder"):
        read(repository="nowhere")


def test_a_machine_without_git_is_told_so(commit: Commit, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(0, **{"models.json": catalog("a")})
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InvalidInputError, match="no `git` on this machine"):
        read()


def test_an_object_that_is_missing_is_named(commit: Commit) -> None:
    commit(0, **{"models.json": catalog("a")})
    commits = git.history(Path(), "models.json")
    blob = commits[0].blob
    assert blob is not None
    (Path(".git/objects") / blob[:2] / blob[2:]).unlink()
    with pytest.raises(InvalidInputError, match="is the clone a whole one"):
        list(git.read(Path(), commits))
    with pytest.raises(InvalidInputError, match="is the clone a whole one"):
        git.history(Path(), "models.json")
