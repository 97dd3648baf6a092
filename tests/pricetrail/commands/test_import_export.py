"""`pricetrail import` and `pricetrail export`, each in a process of its own."""

import csv
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pricetrail.catalog.strict_json import dumps
from pricetrail.cli import main
from pricetrail.storage.database import Database
from pricetrail.storage.schema import prepare
from tests.support import histories
from tests.support.histories import catalog, model, tokens

ROOT = Path(__file__).resolve().parents[3]


def pricetrail(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "pricetrail", *arguments],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
    )


def done(*arguments: str) -> str:
    result = pricetrail(*arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout


def refused(code: int, *arguments: str) -> str:
    """The one line of a command that fails."""
    result = pricetrail(*arguments)
    assert result.returncode == code, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    return result.stderr.strip().splitlines()[-1]


def observed(day: int, *models: dict[str, Any]) -> str:
    payload = dumps(catalog(*models))
    return f'{{"observed_at":"2026-11-{day:02}T10:00:00Z","payload":{payload}}}\n'


@pytest.fixture
def history() -> str:
    """Three versions; a name in it is a formula to a spreadsheet."""
    lines = [
        observed(1, model("a", tokens("0.000003", "0.00001")), model("=cmd()")),
        observed(2, model("a", tokens("0.0000025", "0.00001")), model("=cmd()")),
        observed(4, model("a", tokens("0.0000025", "0.00001"))),
    ]
    Path("history.jsonl").write_text("".join(lines), encoding="utf-8")
    return "history.jsonl"


def test_an_import_tells_what_it_did_and_the_same_again_changes_nothing(history: str) -> None:
    shown = done("import", history)
    assert "new versions" in shown
    assert "2026-11-04T10:00:00Z" in shown
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


def test_an_export_imports_again_as_the_same_history(history: str) -> None:
    done("import", history, "--every", "1h")
    done("export", "observations", "-o", "again.jsonl.xz")
    events = done("export", "events", "--format", "jsonl")
    Path("pricetrail.db").unlink()
    done("import", "again.jsonl.xz", "--every", "1h")
    assert done("export", "events", "--format", "jsonl") == events
    assert [json.loads(line)["type"] for line in events.splitlines()] == [
        "model.repriced",
        "model.removed",
    ]


def _lived(path: str) -> None:
    """Polls that agree, differ, fail, are set aside and missed."""
    prepare(f"sqlite:///{path}")
    database = Database(f"sqlite:///{path}")
    often = timedelta(minutes=70)
    for time, price in (
        ("00:00", 3),
        ("01:00", 3),
        ("02:00", 4),
        ("03:00", 2),
        ("08:00", 2),
        ("09:00", 1),
    ):
        found = catalog(model("a", tokens(f"0.00000{price}", "0.00001")))
        histories.poll(database, "pipellm", time, found, longest_pause=often)
        if time == "01:00":
            histories.failed(database, "pipellm", "01:20")
        if time == "08:00":
            histories.quarantined(database, "pipellm", "08:30")
    histories.failed(database, "pipellm", "10:00")
    database.close()


def test_a_copy_answers_every_question_about_certainty_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _lived("original.db")
    questions = [
        *(
            ["price", "a", "--at", f"2026-03-01T{hour:02}:{m:02}:00Z"]
            for hour in range(11)
            for m in (0, 25)
        ),
        *([name] for name in ("coverage", "snapshots", "events", "verify", "head")),
        ["history", "a"],
    ]

    def answers(name: str) -> list[Any]:
        app = CliRunner(env={"PRICETRAIL_DATABASE_URL": f"sqlite:///{name}"})
        return [json.loads(app.invoke(main, [*asked, "--json"]).stdout) for asked in questions]

    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", "sqlite:///original.db")
    done("export", "observations", "-o", "moved.jsonl.zst")
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", "sqlite:///copy.db")
    assert json.loads(done("import", "moved.jsonl.zst", "--json"))["already_there"] == 0
    original = answers("original.db")
    assert answers("copy.db") == original
    assert {found["certainty"] for found in original[:22]} == {"observed", "bracketed", "gap"}
    assert json.loads(done("import", "moved.jsonl.zst", "--json"))["versions"] == 0
    assert answers("copy.db") == original


def test_prices_are_exported_as_intervals_that_no_spreadsheet_runs(history: str) -> None:
    done("import", history)
    done("export", "-o", "prices.csv")
    with Path("prices.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["model"] for row in rows} == {"'=cmd()", "a"}
    prompt = [row for row in rows if (row["model"], row["path"]) == ("a", "/pricing/text/prompt")]
    assert [(row["amount"], row["from_version"], row["until_version"]) for row in prompt] == [
        ("0.000003", "1", "2"),
        ("0.0000025", "2", ""),
    ]
    assert prompt[0]["until_not_after"] == "2026-11-02T10:00:00Z"
    as_json = [json.loads(line) for line in done("export", "--format", "jsonl").splitlines()]
    assert {row["model"] for row in as_json} == {"=cmd()", "a"}


def test_events_and_snapshots_are_exported_in_every_format(history: str) -> None:
    from pyarrow import parquet

    done("import", history)
    for what, rows in (("events", 2), ("snapshots", 3), ("prices", 5)):
        done("export", what, "-o", f"{what}.parquet")
        assert parquet.read_table(f"{what}.parquet").num_rows == rows
        assert len(list(csv.reader(done("export", what).splitlines()))) == rows + 1


def test_a_folder_of_dated_files_is_imported() -> None:
    Path("snapshots").mkdir()
    for day, price in ((23, "0.000003"), (24, "0.000002")):
        text = dumps(catalog(model("a", tokens(price, "0.00001"))))
        Path(f"snapshots/2026-11-{day}.json").write_text(text, encoding="utf-8")
    assert json.loads(done("import", "snapshots", "--json"))["counts"]["repriced"] == 1


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
    done("import", history)
    Path("older.jsonl").write_text(observed(3, model("z")), encoding="utf-8")
    assert "--source NAME" in refused(1, "import", "older.jsonl")
    done("import", "older.jsonl", "--source", "archive")


def test_a_broken_line_stops_the_import_or_is_passed_over(history: str) -> None:
    with Path(history).open("a", encoding="utf-8") as stream:
        stream.write('{"observed_at":"2026-11-05","payl\n' + observed(6, model("b")))
    assert f"{history}:4: not valid JSON" in refused(2, "import", history)
    result = pricetrail("import", history, "--skip-bad", "--json")
    found = json.loads(result.stdout)
    assert (result.returncode, found["already_there"], found["versions"]) == (0, 3, 1)
    assert found["refusals"][0]["origin"] == f"{history}:4"
    assert f"passed over {history}:4" in result.stderr


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
        (2, ["import", "--git", "folder", "x.json"], "git cannot read folder"),
        (2, ["import", "text", "--every", "0s"], "--every must be longer"),
        (1, ["import", "text", "--skip-bad"], "nothing there was an observation"),
        (3, ["export"], "no database yet"),
        (2, ["export", "observations", "--format", "csv"], "with --format jsonl"),
        (2, ["export", "--format", "parquet"], "-o FILE"),
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
    assert said in refused(code, *arguments)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "out.xlsx"], ".xlsx is none of the formats"),
        (["events", "-o", "out.json"], ".json is none of the formats"),
        (["-o", "out.tsv.gz"], ".tsv is none of the formats"),
        (["-o", "prices-2026.11"], "--format"),
        (["-o", "out.jsonl", "--format", "csv"], "says jsonl, and --format says csv"),
        (["-o", "out.CSV.gz", "--format", "jsonl"], "says csv, and --format says jsonl"),
        (["-o", "out.parquet.zst"], "compressed already"),
        (["observations", "-o", "out.csv"], "--format jsonl"),
    ],
)
def test_a_name_that_says_something_else_than_what_it_gets_is_refused(
    history: str, arguments: list[str], said: str
) -> None:
    done("import", history)
    assert said in refused(2, "export", *arguments)
    assert list(Path().glob("out*")) == []


@pytest.mark.parametrize(
    ("arguments", "begins"),
    [
        (["-o", "out"], b"source,model"),
        (["-o", "out.CSV"], b"source,model"),
        (["-o", "out.txt", "--format", "csv"], b"source,model"),
        (["-o", "out.jsonl"], b'{"source"'),
        (["-o", "out.csv.GZ"], b"\x1f\x8b"),
        (["-o", "out.JSONL.xz"], b"\xfd7zXZ"),
        (["observations", "-o", "out.zst"], b"\x28\xb5\x2f\xfd"),
        (["-o", "out.Parquet"], b"PAR1"),
    ],
)
def test_a_file_holds_what_its_name_says(history: str, arguments: list[str], begins: bytes) -> None:
    done("import", history)
    done("export", *arguments)
    [path] = Path().glob("out*")
    assert path.read_bytes().startswith(begins)


def test_two_exports_at_once_to_one_name_both_succeed(history: str) -> None:
    done("import", history)
    command = [sys.executable, "-m", "pricetrail", "export", "-o", "prices.csv"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    both = [
        subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, encoding="utf-8")
        for _ in range(3)
    ]
    for process in both:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    assert Path("prices.csv").read_text(encoding="utf-8").startswith("source,model")
    assert list(Path().glob(".pricetrail*")) == []


def test_an_export_to_nowhere_leaves_nothing_behind(history: str) -> None:
    done("import", history)
    assert "cannot write" in refused(1, "export", "-o", "missing/prices.csv")
    Path("prices.csv").write_text("old", encoding="utf-8")
    done("export", "-o", "prices.csv")
    assert Path("prices.csv").read_text(encoding="utf-8").startswith("source,model")
    assert list(Path().glob(".*")) == []


def test_a_refused_import_makes_no_database(history: str) -> None:
    Path("future.jsonl").write_text(
        observed(1, model("a")).replace("2026-", "2999-"), encoding="utf-8"
    )
    Path("broken.jsonl").write_text("{}\n" + observed(1, model("a")), encoding="utf-8")
    assert "after now" in refused(1, "import", "future.jsonl")
    assert "broken.jsonl:1" in refused(2, "import", "broken.jsonl", "--source", "other")
    assert "nothing there" in refused(1, "import", "future.jsonl", "--skip-bad", "--notify")
    assert not Path("pricetrail.db").exists()
    done("import", history)
    refused(1, "import", "future.jsonl", "--source", "other")
    assert json.loads(done("snapshots", "--json"))["snapshots"][-1]["version"] == 3


@pytest.mark.parametrize("path", ["", ".", "..", "/etc/passwd", ":(glob)**", "--all"])
def test_a_path_in_a_repository_is_one_line_where_it_is_none(path: str) -> None:
    subprocess.run(["git", "init", "-q", "repo"], check=True)
    assert "repo" in refused(2, "import", "--git", "repo", path)
    refused(2, "import", "--git", "", "models.json")
    assert not Path("pricetrail.db").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["silence", "add", "m-*", "--until", "2026-03-01", "--reason", "over"],
        ["usage", "import", "good.csv", "nowhere.csv"],
        ["usage", "import", "good.csv", "text.csv"],
    ],
)
def test_other_commands_that_are_refused_make_no_database_either(arguments: list[str]) -> None:
    row = "2026-03-01T10:00:00Z,a,1000"
    Path("good.csv").write_text(f"time,model,prompt\n{row}\n", encoding="utf-8")
    Path("text.csv").write_text("hello\n", encoding="utf-8")
    refused(2, *arguments)
    assert not Path("pricetrail.db").exists()
    done("usage", "import", "good.csv")
    assert Path("pricetrail.db").exists()


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
    said = refused(1, "import", "--git", "repo", "models.json")
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
    first = json.loads(done("import", "noisy.jsonl", "--json"))
    assert (first["versions"], first["unchanged"]) == (2, 1)
    assert json.loads(done("import", "noisy.jsonl", "--json"))["already_there"] == 3
    done("export", "observations", "-o", "moved.jsonl")
    done("import", "moved.jsonl", "--source", "copy")
    told = [
        [
            (event["type"], [change["path"] for change in event["data"].get("changes", [])])
            for event in json.loads(done("events", "--source", name, "--json"))["events"]
        ]
        for name in ("pipellm", "copy")
    ]
    assert told[0] == [("model.added", []), ("model.updated", ["/note"])]
    assert told[1] == told[0]
    done("verify", "--source", "copy")
    [updated] = json.loads(done("diff", "1", "2", "--source", "copy", "--json"))["updated"]
    assert [change["path"] for change in updated["changes"]] == ["/note"]
