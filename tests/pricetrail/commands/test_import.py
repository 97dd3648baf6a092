"""`pricetrail import`: what it takes and refuses, in this process and in ones of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pricetrail.catalog.strict_json import dumps
from tests.pricetrail.commands.processes import (
    done,
    observed,
    pricetrail,
    process_refused,
    three_versions,
)
from tests.pricetrail.commands.running import refused, run, shown
from tests.support.forks import ROOT
from tests.support.histories import catalog, model, tokens

pytestmark = pytest.mark.slow


@pytest.fixture
def history() -> str:
    return three_versions()


def test_an_import_tells_what_it_did_and_the_same_again_changes_nothing(history: str) -> None:
    report = done("import", history)
    assert "new versions" in report
    assert "2026-11-04T10:00:00Z" in report
    again = json.loads(done("import", history, "--json"))
    head = again.pop("head")
    assert again == {
        "source": "pipellm",
        "observations": 3,
        "versions": 0,
        "unchanged": 0,
        "already_there": 3,
        "events": 0,
        "counts": {"added": 0, "removed": 0, "repriced": 0, "updated": 0},
        "from": "2026-11-01T10:00:00Z",
        "until": "2026-11-04T10:00:00Z",
        "refused": 0,
        "refusals": [],
    }
    assert head["version"] == 3
    assert head["hash"].startswith("sha256:")


def test_a_folder_of_dated_files_is_imported() -> None:
    Path("snapshots").mkdir()
    for day, price in ((23, "0.000003"), (24, "0.000002")):
        text = dumps(catalog(model("a", tokens(price, "0.00001"))))
        Path(f"snapshots/2026-11-{day}.json").write_text(text, encoding="utf-8")
    assert json.loads(shown("import", "snapshots", "--json"))["counts"]["repriced"] == 1


def test_the_history_of_a_file_in_git_is_imported() -> None:
    def git(*arguments: str, at: str = "2026-11-01T00:00:00Z") -> None:
        dates = {"GIT_COMMITTER_DATE": at, "GIT_AUTHOR_DATE": at}
        identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
        subprocess.run(
            ["git", "-C", "repo", *identity, *arguments],
            check=True,
            capture_output=True,
            env=os.environ | dates,
        )

    Path("repo").mkdir()
    git("init", "-q")
    for day, price in ((1, "0.000003"), (2, "0.000002")):
        text = dumps(catalog(model("a", tokens(price, "0.00001"))))
        Path("repo/models.json").write_text(text, encoding="utf-8")
        git("add", "models.json")
        git("commit", "-q", "-m", "x", at=f"2026-11-0{day}T00:00:00Z")
    found = json.loads(done("import", "--git", "repo", "models.json", "--source", "git", "--json"))
    assert (found["source"], found["versions"], found["counts"]["repriced"]) == ("git", 2, 1)


def test_history_that_would_be_rewritten_is_refused_with_the_remedy(history: str) -> None:
    shown("import", history)
    Path("older.jsonl").write_text(observed(3, model("z")), encoding="utf-8")
    assert "--source NAME" in refused(1, "import", "older.jsonl")
    shown("import", "older.jsonl", "--source", "archive")


def test_a_broken_line_stops_the_import_or_is_passed_over(history: str) -> None:
    with Path(history).open("a", encoding="utf-8") as stream:
        stream.write('{"observed_at":"2026-11-05","payl\n' + observed(6, model("b")))
    assert f"{history}:4: not valid JSON" in refused(2, "import", history)
    code, out, err = pricetrail("import", history, "--skip-bad", "--json")
    found = json.loads(out)
    assert (code, found["already_there"], found["versions"]) == (0, 3, 1)
    assert found["refusals"][0]["origin"] == f"{history}:4"
    assert f"passed over {history}:4" in err


@pytest.mark.parametrize(
    ("code", "arguments", "said"),
    [
        (2, ["import"], "either FILEs, or --git REPO PATH"),
        (2, ["import", "nowhere.jsonl"], "there is no nowhere.jsonl"),
        (2, ["import", "empty"], "empty is empty"),
        (2, ["import", "text"], "text:1: not valid JSON"),
        (2, ["import", "cut.xz"], "damaged or cut off"),
        (2, ["import", "fake.gz"], "is not gzip"),
        (2, ["import", "folder"], "holds no .json files"),
        (2, ["import", "text", "--every", "0s"], "--every must be longer"),
        (1, ["import", "text", "--skip-bad"], "nothing there was an observation"),
    ],
)
def test_bad_input_is_one_line_with_its_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, arguments: list[str], said: str
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    Path("empty").write_bytes(b"")
    Path("text").write_text("hello\n", encoding="utf-8")
    Path("cut.xz").write_bytes(b"\xfd7zXZ\x00\x00\x04")
    Path("fake.gz").write_text("{}", encoding="utf-8")
    Path("folder").mkdir()
    found, _, err = run(*arguments)
    assert (found, said in err.splitlines()[-1]) == (code, True), err


def test_a_folder_that_is_no_repository_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    Path("folder").mkdir()
    assert "git cannot read folder" in process_refused(2, "import", "--git", "folder", "x.json")


def test_a_refused_import_makes_no_database(history: str) -> None:
    Path("future.jsonl").write_text(
        observed(1, model("a")).replace("2026-", "2999-"), encoding="utf-8"
    )
    Path("broken.jsonl").write_text("{}\n" + observed(1, model("a")), encoding="utf-8")
    assert "after now" in refused(1, "import", "future.jsonl")
    assert "broken.jsonl:1" in refused(2, "import", "broken.jsonl", "--source", "other")
    code, _, err = run("import", "future.jsonl", "--skip-bad", "--notify")
    assert (code, "nothing there" in err.splitlines()[-1]) == (1, True), err
    assert not Path("pricetrail.db").exists()
    shown("import", history)
    refused(1, "import", "future.jsonl", "--source", "other")
    assert json.loads(shown("snapshots", "--json"))["snapshots"][-1]["version"] == 3


@pytest.mark.parametrize("path", ["", ".", "..", "/etc/passwd", ":(glob)**", "--all"])
def test_a_path_in_a_repository_is_one_line_where_it_is_none(path: str) -> None:
    subprocess.run(["git", "init", "-q", "repo"], check=True)
    assert "repo" in process_refused(2, "import", "--git", "repo", path)
    process_refused(2, "import", "--git", "", "models.json")
    assert not Path("pricetrail.db").exists()


def commit(folder: str, content: str, **environment: str) -> None:
    """A commit of models.json, in a repository made where there is none."""
    Path(folder).mkdir(exist_ok=True)
    Path(folder, "models.json").write_text(content, encoding="utf-8")
    names = ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL")
    identity = {f"GIT_{name}": "n" for name in names}
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-qm", "x")):
        command = ["git", "-C", folder, *arguments]
        subprocess.run(command, check=True, env=os.environ | identity | environment)


def test_files_and_commits_dated_after_now_are_refused() -> None:
    text = dumps(catalog(model("a")))
    Path("snapshots").mkdir()
    Path("snapshots/2099-01-01T00-00Z.json").write_text(text, encoding="utf-8")
    assert "2099-01-01T00:00:00Z, which is after now" in refused(1, "import", "snapshots")
    commit("repo", text, GIT_COMMITTER_DATE="2090-01-01T00:00:00Z")
    said = process_refused(1, "import", "--git", "repo", "models.json")
    assert "2090-01-01T00:00:00Z, which is after now" in said
    assert not Path("pricetrail.db").exists()


def test_an_import_inside_a_hook_reads_the_repository_that_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commit("named", dumps(catalog(model("a"))))
    commit("hooked", "{}")
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", f"sqlite:///{Path('hook.db').resolve()}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    hook = Path("hooked/.git/hooks/pre-commit")
    hook.parent.mkdir(exist_ok=True)
    program = f"{sys.executable} -m pricetrail import --git ../named models.json"
    hook.write_text(f"#!/bin/sh\n{program}\n", encoding="utf-8")
    hook.chmod(0o755)
    commit("hooked", "[]")
    assert [one["id"] for one in json.loads(done("models", "--json"))["data"]] == ["a"]


def test_what_a_source_ignores_is_ignored_on_import_and_moves_along() -> None:
    Path("pricetrail.toml").write_text(
        '[sources.pipellm]\napi_key = "made-up"\nignore = ["/stats/*"]\n', encoding="utf-8"
    )
    lines = [
        observed(1, model("a", stats={"p50": 1})),
        observed(2, model("a", stats={"p50": 2})),
        observed(3, model("a", stats={"p50": 3}, note="new"), model("b", stats={"p50": 3})),
    ]
    Path("noisy.jsonl").write_text("".join(lines), encoding="utf-8")
    first = json.loads(shown("import", "noisy.jsonl", "--json"))
    assert (first["versions"], first["unchanged"]) == (2, 1)
    assert json.loads(shown("import", "noisy.jsonl", "--json"))["already_there"] == 3
    shown("export", "observations", "-o", "moved.jsonl")
    shown("import", "moved.jsonl", "--source", "copy")
    told = [
        [
            (event["type"], [change["path"] for change in event["data"].get("changes", [])])
            for event in json.loads(shown("events", "--source", name, "--json"))["events"]
        ]
        for name in ("pipellm", "copy")
    ]
    assert told[0] == [("model.added", []), ("model.updated", ["/note"])]
    assert told[1] == told[0]
    shown("verify", "--source", "copy")
    [updated] = json.loads(shown("diff", "1", "2", "--source", "copy", "--json"))["updated"]
    assert [change["path"] for change in updated["changes"]] == ["/note"]
